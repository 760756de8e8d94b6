CREATE TABLE shelves (id INTEGER PRIMARY KEY, name VARCHAR, room BIGINT);
INSERT INTO shelves VALUES (1, 'low', 10), (2, 'high', 20), (3, 'empty', 30), (4, 'loose', NULL);
CREATE TABLE volumes (id INTEGER PRIMARY KEY, shelf_id INTEGER, room INTEGER, title VARCHAR);
INSERT INTO volumes VALUES (1, 1, 10, 'a'), (2, 1, 20, 'b'), (3, 2, 20, 'c'), (4, 2, 20, 'd'), (5, NULL, 10, 'e'), (6, 1, NULL, 'f');
CREATE SCHEMA rk;
CREATE VIEW rk.volumes AS FROM main.volumes;
CREATE MACRO volumes_from(lo, hi) AS TABLE SELECT * FROM rk.volumes WHERE id >= lo AND id <= coalesce(hi, 100);
DROP SCHEMA rk CASCADE;
