LOAD ducklake;
ATTACH 'ducklake:pond.ducklake' AS pond (DATA_PATH 'pond_files/');
CREATE TABLE pond.things (id INTEGER, code VARCHAR, name VARCHAR NOT NULL, price DOUBLE, changes INTEGER DEFAULT 0, gone BOOLEAN DEFAULT false);
CREATE TABLE pond.places (country VARCHAR, city VARCHAR, people INTEGER);
CREATE TABLE pond.shapes (id INTEGER, tags VARCHAR[], box STRUCT(w INTEGER, h INTEGER), doc JSON, seen TIMESTAMP WITH TIME ZONE, price DECIMAL(38, 10), raw BLOB, day DATE);
CREATE TABLE pond.notes (words VARCHAR);
INSERT INTO pond.things VALUES (1, 'a', 'one', 1.5, 0, false), (2, 'b', 'two', NULL, 0, false), (3, 'c', 'three', 3, 0, true);
INSERT INTO pond.places VALUES ('de', 'Ulm', 1), ('fr', 'Metz', NULL);
