CREATE SEQUENCE authors_id_seq START 10;
CREATE SEQUENCE books_id_seq START 100;
CREATE SEQUENCE genres_id_seq START 20;
CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, note VARCHAR DEFAULT 'from the database', mentor_id INTEGER REFERENCES authors (id));
CREATE TABLE books (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, isbn VARCHAR UNIQUE, price DECIMAL(10,2), pages INTEGER, in_print BOOLEAN, slug VARCHAR,
  changes INTEGER DEFAULT 0, note VARCHAR DEFAULT 'fresh', author_id INTEGER);
CREATE TABLE genres (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL);
CREATE TABLE book_genres (book_id INTEGER, genre_id INTEGER, PRIMARY KEY (book_id, genre_id));
CREATE TABLE samples (id BIGINT PRIMARY KEY, d DATE, t TIME, ts TIMESTAMPTZ, dt TIMESTAMP, f DOUBLE, dec DECIMAL(18,4), b BOOLEAN, j JSON,
  iv INTERVAL, tags VARCHAR[], nums INTEGER[], fmt STRUCT(cover VARCHAR, height_mm INTEGER, paper STRUCT(grade VARCHAR)), jfmt JSON, kind VARCHAR, small SMALLINT, bytes BLOB);
CREATE TABLE log (message VARCHAR, n INTEGER DEFAULT 7);
CREATE TABLE places (country VARCHAR, city VARCHAR, people BIGINT, PRIMARY KEY (country, city));
CREATE TABLE notes (id INTEGER PRIMARY KEY, body VARCHAR, deleted_at TIMESTAMP);
INSERT INTO notes VALUES (1, 'kept', NULL), (2, 'gone', '2024-01-01');
INSERT INTO authors VALUES (1, 'Ada', NULL, NULL);
INSERT INTO books VALUES (1, 'Tides', 'i-1', 9.5, 10, true, 'tides', 0, 'old', 1), (2, 'Waves', 'i-2', 5, 20, true, 'waves', 0, 'old', 1);
INSERT INTO places VALUES ('de', 'Ulm', 126000);
CREATE TABLE audits (id INTEGER PRIMARY KEY, who VARCHAR, made TIMESTAMP, day DATE, flag BOOLEAN, rate DOUBLE, kind VARCHAR, facts JSON, quoted VARCHAR, changed_by VARCHAR, was VARCHAR);
CREATE TABLE shelves (id INTEGER PRIMARY KEY, fmts STRUCT(cover VARCHAR, height_mm INTEGER, paper STRUCT(grade VARCHAR))[], jfmts JSON, days DATE[], spans INTERVAL, flags BOOLEAN[], docs JSON);
