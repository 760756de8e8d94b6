CREATE TABLE shops (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL);
INSERT INTO shops VALUES (1, 'North'), (2, 'South'), (3, 'Closed');
CREATE TABLE sales (id INTEGER PRIMARY KEY, shop_id INTEGER, day DATE, amount DOUBLE, kind VARCHAR);
INSERT INTO sales VALUES (1, 1, '2024-01-01', 10, 'cash'), (2, 1, '2024-01-15', 20.5, 'card'), (3, 2, '2024-01-15', 5, 'cash'), (4, 2, '2024-02-01', 40, 'it''s'),
  (5, 1, '2024-02-10', 2.25, NULL), (6, 9, '2024-01-20', 100, 'card'), (7, 2, NULL, 7, 'card');
