CREATE TABLE sellers (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, town VARCHAR);
INSERT INTO sellers VALUES (1, 'Kari', 'Oslo'), (2, 'Per', NULL), (3, 'Ole', 'Bergen'), (4, 'Idle', 'Oslo');
CREATE TABLE offers (id INTEGER PRIMARY KEY, book_id BIGINT, seller_id INTEGER, price DOUBLE, note VARCHAR,
  since TIMESTAMPTZ);
INSERT INTO offers VALUES
  (1, 1, 1, 10.5, 'as new', '2024-01-01 10:00:00+00'), (2, 1, 2, 9.25, NULL, '2024-02-01 00:00:00+00'),
  (3, 2, 1, 30, 'it''s "fine"', NULL), (4, 3, 3, NULL, 'free', '2024-03-31 01:30:00+00'),
  (5, 5, NULL, 8, '', '2023-12-31 23:30:00+00'), (6, 8, 2, 99.5, 'mint', '2024-05-05 05:05:05+00'),
  (7, 99, 3, 1, 'lost', NULL), (8, NULL, 1, 2, 'nothing', NULL), (9, 14, 3, 18.75, 'new', '2024-10-27 00:30:00+00'),
  (10, 1, 3, 11, 'worn', '2024-01-01 12:00:00+00');
CREATE SCHEMA stall;  -- Stands in for the name under which the file is attached.
CREATE VIEW stall.offers AS FROM main.offers;
CREATE MACRO score(title, scale) AS length(title) * scale;
CREATE MACRO tag(word) AS '<' || word || '>';
CREATE MACRO offers_of(book, least) AS TABLE SELECT * FROM stall.offers WHERE book_id = book AND coalesce(price, 0) >= coalesce(least, 0);
