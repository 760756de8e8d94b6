CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE numbers (id INTEGER PRIMARY KEY, b BOOLEAN, i8 TINYINT, i16 SMALLINT, i32 INTEGER, i64 BIGINT, i128 HUGEINT,
  u8 UTINYINT, u16 USMALLINT, u32 UINTEGER, u64 UBIGINT, f32 REAL, f64 DOUBLE, d18 DECIMAL(18, 4), d38 DECIMAL(38, 10));
INSERT INTO numbers VALUES
  (1, true, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0.5, 29.99, 12.5000, 1.0000000001),
  (2, false, 127, 32767, 2147483647, 9223372036854775807, 170141183460469231731687303715884105727, 255, 65535, 4294967295,
     18446744073709551615, 16777216, 1.7976931348623157e308, 99999999999999.9999, 9999999999999999999999999999.9999999999),
  (3, true, -128, -32768, -2147483648, -9223372036854775808, -170141183460469231731687303715884105728, 0, 0, 0, 0, -0.25,
     5e-324, -99999999999999.9999, -9999999999999999999999999999.9999999999),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'nan', 'nan', 0, 0),
  (6, true, 1, 1, 2147483647, 9007199254740993, 9007199254740993, 1, 1, 1, 9007199254740993, 'infinity', '-infinity', 0.0001, 0.0000000001),
  (7, true, 1, 1, 2147483647, 100, 100, 1, 1, 1, 100, 100, 100, 100, 100),
  (8, true, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.125, 0.1, 0.1, 0.1),
  (9, true, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1e-7, 123456789.1234, 123456789.0123456789);
CREATE TABLE moments (id INTEGER PRIMARY KEY, d DATE, t TIME, "at" TIMESTAMP, at_s TIMESTAMP_S, at_ms TIMESTAMP_MS, at_ns TIMESTAMP_NS,
  atz TIMESTAMPTZ, span INTERVAL);
INSERT INTO moments VALUES
  (1, '1965-08-01', '18:30:00', '2024-05-01 10:00:00.5', '2024-05-01 10:00:00', '2024-05-01 10:00:00.123', '2024-05-01 10:00:00.123456789', '2024-05-01 10:00:00+00', INTERVAL '2 hours'),
  (2, '0001-01-01', '00:00:00', '0001-01-01 00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:00', '0001-01-01 00:00:00+00', INTERVAL '45 minutes'),
  (3, '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:08', '1969-12-31 23:59:59.999', '2000-01-01 00:00:00.000000001', '9999-12-31 23:59:59.999999+00', INTERVAL '1 day 90 minutes'),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, 'infinity', '12:00:00.1', 'infinity', '2024-02-29 23:59:59', '2024-02-29 23:59:59.900', '2024-02-29 23:59:59.9', 'infinity', INTERVAL '0 seconds'),
  (6, '-infinity', '12:00:00', '-infinity', '2024-02-29 00:00:00', '2024-02-29 00:00:00.010', '2024-02-29 00:00:00.00001', '-infinity', INTERVAL '24 hours'),
  (7, '2024-02-29', '01:02:03.000004', '2024-05-01 00:00:00', '2024-05-01 00:00:00', '2024-05-01 00:00:00', '2024-05-01 00:00:00', '2024-05-01 07:00:00+05:30', INTERVAL '2 months'),
  (8, '2024-12-30', '10:15:00', '2024-12-30 10:15:00', '2024-12-30 10:15:00', '2024-12-30 10:15:00', '2024-12-30 10:15:00', '2024-12-30 10:15:00+00', INTERVAL '10 days'),
  (9, '2021-01-03', '10:16:00', '2021-01-03 10:16:30.25', '2021-01-03 10:16:30', '2021-01-03 10:16:30', '2021-01-03 10:16:30', '2021-01-03 10:16:30.25+00', INTERVAL '1.5 seconds');
CREATE TABLE things (id INTEGER PRIMARY KEY, s VARCHAR, u UUID, m mood, raw BLOB, doc JSON, ints INTEGER[], texts VARCHAR[], floats DOUBLE[],
  days DATE[], spot STRUCT(x INTEGER, y DOUBLE, label VARCHAR, inner_spot STRUCT(z BIGINT, "at" TIMESTAMP)),
  parts STRUCT(name VARCHAR, n INTEGER)[]);
INSERT INTO things VALUES
  (1, 'plain', '0f8fad5b-d9cb-469f-a165-70867728950e', 'ok', '\x00\x01\xFF'::BLOB, '{"a": 1, "b": {"c": [1, 2]}}', [1, 2, 3], ['a', 'b'], [0.5, 1.5],
     ['2024-01-01'], {x: 1, y: 2.5, label: 'one', inner_spot: {z: 9007199254740993, "at": '2024-05-01 10:00:00'}}, [{name: 'bolt', n: 4}, {name: 'nut', n: 2}]),
  (2, '', '00000000-0000-0000-0000-000000000000', 'sad', ''::BLOB, '[]', [], [], [], [], {x: NULL, y: NULL, label: NULL, inner_spot: NULL}, []),
  (3, 'Ünïcödé 漢字 🦆', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'happy', 'eider'::BLOB, '{"a": null, "b": "x"}', [NULL, 5], [NULL, '', 'a"b\c'], [NULL],
     [NULL, '9999-12-31'], {x: -1, y: 0, label: '', inner_spot: {z: NULL, "at": NULL}}, [{name: 'bolt', n: 1}]),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, 'quote " back \ slash / tab	end', '0f8fad5b-d9cb-469f-a165-70867728950f', 'ok', 'a'::BLOB, '"scalar"', [3, 2, 1], ['b', 'a'], [1e300], ['2024-01-01', '2024-01-02'],
     {x: 1, y: 1e300, label: 'five', inner_spot: {z: 1, "at": '2024-05-01 10:00:00.25'}}, [{name: NULL, n: NULL}, NULL, {name: 'nut', n: 9}]),
  (6, '_%', NULL, 'ok', 'ab'::BLOB, '{"a": {"x": 1, "y": [1, 2, {"z": 3}]}, "n": 1.5}', [1], ['a'], [1], ['2024-01-02'],
     {x: 2, y: -2.5, label: 'six', inner_spot: {z: 2, "at": '2023-01-01 00:00:00'}}, [{name: 'nail', n: 100}, {name: 'bolt', n: 7}]);
