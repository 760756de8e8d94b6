CREATE TABLE things (id INTEGER PRIMARY KEY, code VARCHAR UNIQUE, name VARCHAR NOT NULL, price DOUBLE, changes INTEGER DEFAULT 0, gone BOOLEAN DEFAULT 0);
CREATE TABLE places (country VARCHAR, city VARCHAR, people INTEGER, PRIMARY KEY (country, city));
CREATE TABLE notes (words VARCHAR);
INSERT INTO things VALUES (1, 'a', 'one', 1.5, 0, 0), (2, 'b', 'two', NULL, 0, 0), (3, 'c', 'three', 3, 0, 1);
INSERT INTO places VALUES ('de', 'Ulm', 1), ('fr', 'Metz', NULL);
