-- Bytes and UUIDs two and three structures deep, also below a list.
CREATE TABLE parcels (id INTEGER PRIMARY KEY, lot STRUCT(name VARCHAR, seal STRUCT(code UUID, raw BLOB, core STRUCT(raw BLOB, codes UUID[]))),
  lots STRUCT(name VARCHAR, seal STRUCT(code UUID, raw BLOB, core STRUCT(raw BLOB, codes UUID[])))[]);
INSERT INTO parcels VALUES
  (1, {name: 'a', seal: {code: '0f8fad5b-d9cb-469f-a165-70867728950e', raw: 'xy'::BLOB, core: {raw: '\x00'::BLOB, codes: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']}}},
     [{name: 'b', seal: {code: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', raw: '\x01'::BLOB, core: {raw: '\xFF'::BLOB, codes: []}}}, {name: 'c', seal: NULL}]),
  (2, {name: NULL, seal: {code: NULL, raw: NULL, core: NULL}}, []),
  (3, {name: 'd', seal: NULL}, NULL),
  (4, NULL, NULL);
