-- Prices are multiples of 1/4, so that sums are exact in any order.
CREATE SEQUENCE authors_id_seq START 101;
CREATE SEQUENCE books_id_seq START 101;
CREATE SEQUENCE genres_id_seq START 101;
CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, born DATE, mentor_id INTEGER);
INSERT INTO authors VALUES
  (1, 'Bo', '1930-02-28', NULL),
  (2, 'Ada', '1965-08-01', 1),
  (3, 'Chi', '1965-08-01', 1),
  (4, 'Dee', NULL, 2),
  (5, 'Zoë Åström', '1988-12-31', 2),
  (6, 'O''Brien "Quote"', '1972-02-29', 4),
  (7, '', '2001-01-01', 6),
  (8, '李白', '0701-05-19', NULL),
  (9, 'ada', '1990-06-15', 99),
  (10, 'Back\slash 100%', NULL, 1),
  (11, '🦆 Eider', '1999-12-31', 11),
  (12, 'under_score', '1965-08-02', 3);
CREATE TABLE books (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, price DOUBLE, pages INTEGER NOT NULL DEFAULT 0,
  facts JSON, format STRUCT(cover VARCHAR, height_mm INTEGER, paper STRUCT(grade VARCHAR)),
  printed_at TIMESTAMPTZ, author_id INTEGER);
INSERT INTO books VALUES
  (1, 'Tides', 12.5, 320, '{"rating": 4.5, "tags": ["sea", "calm"], "shop": {"city": "Bergen", "rank": 1}, "pages": {"min": 3}}',
     {cover: 'hard', height_mm: 210, paper: {grade: 'A'}}, '2024-05-01 10:00:00+00', 2),
  (2, 'Sea of Salt', 29.75, 501, '{"rating": 3, "tags": [], "shop": {"city": "Oslo", "rank": 2}}',
     {cover: 'soft', height_mm: 190, paper: {grade: 'B'}}, '2024-05-31 23:59:59.5+00', 1),
  (3, 'Deep Sea', 29.75, 120, '{"rating": null, "tags": ["sea"], "awards": [{"id": 1, "name": "X"}, {"id": 2}]}',
     {cover: 'hard', height_mm: 210, paper: NULL}, '2023-12-31 23:30:00+00', 1),
  (4, 'SEA', NULL, 0, NULL, NULL, NULL, 3),
  (5, 'Fjord', 8, 90, '{}', {cover: NULL, height_mm: NULL, paper: {grade: NULL}}, '2024-02-29 00:00:00+00', 3),
  (6, 'Årstid', 15.25, 250, '[1, 2, 3]', {cover: 'soft', height_mm: 175, paper: {grade: 'A'}}, '2024-03-31 00:30:00+00', 5),
  (7, 'It''s "fine"', 0, 64, '"text"', {cover: 'hard', height_mm: 300, paper: {grade: 'C'}}, '2024-03-31 01:30:00+00', 5),
  (8, '100% Salt_y', 99.5, 999, '42', {cover: 'hard', height_mm: 250, paper: {grade: 'A'}}, '2021-01-03 12:00:00+00', 5),
  (9, 'Salt', 15.25, 250, 'null', {cover: 'soft', height_mm: 175, paper: {grade: 'B'}}, '2020-12-31 23:00:00+00', 6),
  (10, '', 1.25, 1, '{"rating": "high", "tags": "sea", "shop": null}', {cover: '', height_mm: 0, paper: {grade: ''}},
     '1969-12-31 23:59:59+00', 6),
  (11, '月', 7.75, 77, '{"rating": 5, "shop": {"city": "東京", "rank": 9007199254740993}, "ok": true}',
     {cover: 'silk', height_mm: 148, paper: {grade: 'S'}}, '1970-01-01 00:00:00+00', 8),
  (12, 'Orphan', 20, 200, '{"rating": 1.5}', {cover: 'hard', height_mm: 200, paper: {grade: 'B'}}, '2024-05-15 06:07:08.123456+00', NULL),
  (13, 'Stray', 20, 200, '{"rating": 2, "since": "2020-02-29T12:00:00Z"}', NULL, '2024-10-27 00:30:00+00', 99),
  (14, 'Tides', 18, 320, '{"rating": 4.5, "tags": ["calm", "sea", "moon"]}', {cover: 'hard', height_mm: 210, paper: {grade: 'A'}},
     '2024-10-27 01:30:00+00', 4),
  (15, 'Gull', NULL, 40, NULL, {cover: 'soft', height_mm: 120, paper: NULL}, '2024-12-30 08:00:00+00', 4),
  (16, 'line
break	tab', 3.5, 5, '{"a": {"b": {"c": [1, {"d": 2}]}}}', NULL, NULL, 10),
  (17, 'Backslash \ /', 3.5, 6, '{"rating": -1}', {cover: 'hard', height_mm: -1, paper: {grade: 'Z'}}, '2000-02-29 12:34:56+00', 10),
  (18, 'Eider Down', 45.75, 450, '{"rating": 4, "tags": ["bird", "sea"], "shop": {"city": "Vík", "rank": null}}',
     {cover: 'soft', height_mm: 230, paper: {grade: 'A'}}, '2024-07-04 16:00:00+00', 11),
  (19, 'Fog', 2.25, 33, '{"rating": 4.25}', {cover: 'soft', height_mm: 180, paper: {grade: 'B'}}, '2024-01-01 00:00:00+00', 12),
  (20, 'Zenith', 60, 1000000, '{"rating": 5, "big": 12345678901234567890}', {cover: 'hard', height_mm: 2147483647, paper: {grade: 'A'}},
     '9999-12-31 23:59:59+00', 12);
CREATE TABLE genres (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL);
INSERT INTO genres VALUES (1, 'Sea'), (2, 'Poetry'), (3, 'Crime'), (4, 'Empty'), (5, 'Nature'), (6, 'sea');
CREATE TABLE book_genres (book_id INTEGER, genre_id INTEGER, PRIMARY KEY (book_id, genre_id));
INSERT INTO book_genres VALUES (1, 1), (1, 2), (2, 1), (3, 1), (3, 5), (5, 5), (6, 2), (8, 3), (9, 3), (9, 1), (11, 2), (14, 1),
  (14, 2), (14, 5), (18, 5), (18, 6), (20, 3), (20, 99), (98, 1);
