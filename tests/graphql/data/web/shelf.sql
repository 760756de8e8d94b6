CREATE TABLE books (id INTEGER PRIMARY KEY, title VARCHAR, shelf INTEGER);
INSERT INTO books VALUES (1, 'sea', 1), (2, 'dunes', 1), (3, 'sea', 2), (4, NULL, 2), (5, 'none', 3);
