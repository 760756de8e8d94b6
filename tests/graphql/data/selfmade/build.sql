CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE TABLE harbours (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, opened DATE);
INSERT INTO harbours VALUES (1, 'Aker', '1850-01-01'), (2, 'Bryggen', NULL), (3, 'Empty', NULL);
CREATE TABLE boats (id BIGINT PRIMARY KEY, harbour_id INTEGER REFERENCES harbours (id), label VARCHAR, kind size, tonnage DECIMAL(10, 2),
  built TIMESTAMP, seen TIMESTAMPTZ, watch TIME, trip INTERVAL, notes JSON, tags VARCHAR[], hull STRUCT(len INTEGER, mat VARCHAR),
  tiny TINYINT, wide HUGEINT, uns UINTEGER, flag BOOLEAN, code UUID, half REAL, "odd name" VARCHAR);
INSERT INTO boats VALUES
  (1, 1, 'Gull', 's', 12.50, '2001-01-01 00:00:00', '2024-05-01 10:00:00+00', '10:00:00', INTERVAL '2 hours', '{"crew": 4}', ['old', 'red'],
     {len: 12, mat: 'oak'}, 1, 2, 3, true, '0f8fad5b-d9cb-469f-a165-70867728950e', 0.5, 'odd'),
  (2, 1, 'Tern', 'l', 99.25, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 2, 'Skua', 'm', 45.00, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, NULL, 'Lost', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE berths (harbour_id INTEGER REFERENCES harbours (id), number INTEGER, PRIMARY KEY (harbour_id, number));
INSERT INTO berths VALUES (1, 1), (1, 2), (2, 1);
CREATE TABLE stays (id INTEGER PRIMARY KEY, harbour_id INTEGER, number INTEGER, nights INTEGER,
  FOREIGN KEY (harbour_id, number) REFERENCES berths (harbour_id, number));
INSERT INTO stays VALUES (1, 1, 1, 3), (2, 1, 1, 2), (3, 1, 2, 1), (4, NULL, NULL, 7);
CREATE VIEW big_boats AS SELECT id, label, tonnage FROM boats WHERE tonnage > 40;
CREATE SCHEMA port;
CREATE TABLE port.fees (id INTEGER PRIMARY KEY, amount DOUBLE);
INSERT INTO port.fees VALUES (1, 10.5), (2, 20);
CREATE TABLE "strange-name" (id INTEGER PRIMARY KEY, "a-b" INTEGER);
INSERT INTO "strange-name" VALUES (1, 11);
