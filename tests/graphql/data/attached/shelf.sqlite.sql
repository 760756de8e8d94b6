PRAGMA foreign_keys = ON;
CREATE TABLE authors (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  born DATE,
  rating REAL,
  seen TIMESTAMP,
  big BIGINT,
  country TEXT NOT NULL DEFAULT 'nowhere'
);
CREATE TABLE books (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL,
  author_id INTEGER REFERENCES authors,
  price NUMERIC(8, 2),
  "page count" INTEGER DEFAULT 0
);
CREATE UNIQUE INDEX books_title ON books (title, author_id);
CREATE UNIQUE INDEX books_partial ON books (price) WHERE price > 100;
CREATE TABLE shelves (room INTEGER, place TEXT, label TEXT, PRIMARY KEY (room, place)) WITHOUT ROWID;
CREATE TABLE placements (
  id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL,
  room INTEGER,
  place TEXT,
  CONSTRAINT of_book FOREIGN KEY (book_id) REFERENCES books (id),
  FOREIGN KEY (room, place) REFERENCES shelves (room, place)
);
CREATE VIEW cheap AS SELECT id, title, price FROM books WHERE price < 10;
INSERT INTO authors (id, name, born, rating, seen, big, country) VALUES
  (1, 'Ada', '1965-08-01', 4.5, '2024-05-01 10:00:00', 9007199254740993, 'de'),
  (2, 'Bo', NULL, NULL, NULL, NULL, 'fr'),
  (3, 'Cy', '2001-01-31', 0.1, '1999-12-31 23:59:59.5', -1, 'de');
INSERT INTO books (title, author_id, price, "page count") VALUES
  ('Tides', 1, 9.5, 100), ('Dunes', 1, 20, 200), ('Birds', 3, 5, 50), ('Nobody', NULL, NULL, NULL);
INSERT INTO shelves VALUES (1, 'a', 'north'), (1, 'b', 'south'), (2, 'a', NULL);
INSERT INTO placements (book_id, room, place) VALUES (1, 1, 'a'), (2, 1, 'a'), (3, 2, 'a');
