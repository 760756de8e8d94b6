LOAD ducklake;
ATTACH 'ducklake:lake.ducklake' AS lake (DATA_PATH 'lake_files/', DATA_INLINING_ROW_LIMIT 0);
CREATE TABLE lake.items (id INTEGER NOT NULL, name VARCHAR, tags VARCHAR[], size STRUCT(w INTEGER, h INTEGER),
  at_time TIMESTAMP WITH TIME ZONE, facts JSON, price DECIMAL(8, 2) DEFAULT 1.5);
CREATE TABLE lake.moves (item_id INTEGER, place VARCHAR);
CREATE SCHEMA lake.archive;
CREATE TABLE lake.archive.notes (id INTEGER, words VARCHAR);
CREATE VIEW lake.named AS SELECT id, name FROM lake.items;
COMMENT ON TABLE lake.items IS 'What is kept';
-- Version 7.
INSERT INTO lake.items VALUES (1, 'one', ['a', 'b'], {'w': 1, 'h': 2}, '2024-05-01 10:00:00+00', '{"k": [1]}', 2.25),
  (2, 'two', NULL, NULL, NULL, NULL, NULL);
-- Version 8.
INSERT INTO lake.moves VALUES (1, 'here');
-- Version 9.
UPDATE lake.items SET name = 'changed' WHERE id = 1;
-- Version 10.
INSERT INTO lake.items (id, name) VALUES (3, 'three');
-- Version 11.
INSERT INTO lake.moves VALUES (1, 'there'), (3, 'here');
-- Version 12.
DELETE FROM lake.items WHERE id = 2;
