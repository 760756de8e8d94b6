CREATE SEQUENCE authors_id_seq START 10;
CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, note VARCHAR DEFAULT 'from the database');
CREATE TABLE books (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, pages INTEGER, in_print BOOLEAN, slug VARCHAR, facts JSON,
  format STRUCT(cover VARCHAR, height_mm INTEGER), tags VARCHAR[], printed DATE, price DECIMAL(10,2), changes INTEGER DEFAULT 0, author_id INTEGER);
CREATE TABLE genres (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE);
CREATE TABLE book_genres (book_id INTEGER, genre_id INTEGER, PRIMARY KEY (book_id, genre_id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, body VARCHAR, deleted_at TIMESTAMP, book_id INTEGER);
CREATE TABLE log (message VARCHAR);
INSERT INTO authors VALUES (1, 'Ada', NULL);
INSERT INTO books (id, title, author_id) VALUES (1, 'Tides', 1);
INSERT INTO genres VALUES (1, 'Sea');
INSERT INTO notes VALUES (1, 'kept', NULL, 1), (2, 'gone', '2024-01-01', 1), (3, 'also kept', NULL, 1);
