-- Bytes below lists and structures, keys that are UUIDs, and table functions that are read as views.
CREATE TABLE boxes (id INTEGER PRIMARY KEY, raws BLOB[], part STRUCT(name VARCHAR, raw BLOB, raws BLOB[]),
  parts STRUCT(name VARCHAR, raw BLOB)[]);
INSERT INTO boxes VALUES
  (1, ['\x00\x01'::BLOB, NULL, ''::BLOB], {name: 'a', raw: '\xFF'::BLOB, raws: ['x'::BLOB]}, [{name: 'p', raw: 'q'::BLOB}, {name: 'n', raw: NULL}]),
  (2, [], {name: NULL, raw: NULL, raws: NULL}, []),
  (3, NULL, NULL, NULL);
CREATE TABLE crates (id INTEGER PRIMARY KEY, label STRUCT(tags VARCHAR[], counts INTEGER[], flags BOOLEAN[], days DATE[], note VARCHAR),
  mark STRUCT(tags VARCHAR[], counts INTEGER[], flags BOOLEAN[], days DATE[], note VARCHAR));
INSERT INTO crates VALUES (1, {tags: ['a'], counts: [1], flags: [true], days: ['2024-01-01'], note: 'n'}, NULL);
CREATE TABLE kits (id INTEGER PRIMARY KEY, part STRUCT(code UUID, n INTEGER, day DATE, took INTERVAL, name VARCHAR),
  parts STRUCT(code UUID, n INTEGER, day DATE, took INTERVAL, name VARCHAR)[], bits STRUCT(code UUID, n INTEGER)[]);
INSERT INTO kits VALUES
  (1, {code: '0f8fad5b-d9cb-469f-a165-70867728950e', n: 1, day: '2024-01-01', took: INTERVAL '90 minutes', name: 'a'},
     [{code: '0f8fad5b-d9cb-469f-a165-70867728950e', n: 1, day: '2024-01-01', took: INTERVAL '90 minutes', name: 'a'},
      {code: NULL, n: 5, day: NULL, took: INTERVAL '1 month 2 days', name: NULL}], [{code: '0f8fad5b-d9cb-469f-a165-70867728950e', n: 1}]),
  (2, {code: NULL, n: 2, day: '2024-02-02', took: NULL, name: 'b'}, [{code: NULL, n: 2, day: '2024-02-02', took: NULL, name: 'b'}], []),
  (3, NULL, NULL, NULL);
CREATE TABLE items (id UUID PRIMARY KEY, name VARCHAR, parent UUID, others UUID[]);
INSERT INTO items VALUES
  ('0f8fad5b-d9cb-469f-a165-70867728950e', 'first', NULL, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']),
  ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'second', '0f8fad5b-d9cb-469f-a165-70867728950e', []),
  ('c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 'third', '0f8fad5b-d9cb-469f-a165-70867728950e', NULL);
CREATE TABLE sales (id INTEGER PRIMARY KEY, shop_id INTEGER, amount DOUBLE, day DATE);
INSERT INTO sales VALUES (1, 1, 10, '2024-01-01'), (2, 1, 20.5, '2024-01-02'), (3, 2, 5, '2024-02-01'), (4, NULL, 7, NULL);
CREATE TABLE shops (id INTEGER PRIMARY KEY, name VARCHAR);
INSERT INTO shops VALUES (1, 'north'), (2, 'south'), (3, 'empty');
CREATE SCHEMA odd;
CREATE VIEW odd.sales AS FROM main.sales;
CREATE MACRO sold(lo, hi) AS TABLE SELECT * FROM odd.sales WHERE amount BETWEEN lo AND coalesce(hi, 1e9);
CREATE MACRO steps(n, width := 10) AS TABLE SELECT i::INTEGER AS pos, (i * width)::INTEGER AS total FROM range(n) r(i);
DROP SCHEMA odd CASCADE;
