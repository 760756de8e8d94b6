CREATE TABLE stores (id INTEGER PRIMARY KEY, name VARCHAR, city VARCHAR);
CREATE TABLE sales (id INTEGER, store_id INTEGER, product VARCHAR, day DATE, "at" TIMESTAMP, amount INTEGER, price DOUBLE,
  ok BOOLEAN, note VARCHAR);
INSERT INTO stores VALUES (1, 'North', 'A'), (2, 'South', 'B'), (3, 'Empty', 'B');
INSERT INTO sales VALUES
  (1, 1, 'tea', '2024-01-05', '2024-01-05 10:00:00', 2, 1.5, true, 'x'),
  (2, 1, 'tea', '2024-01-20', '2024-01-20 11:30:00', 3, 2.5, false, 'y'),
  (3, 1, 'rum', '2024-02-01', '2024-02-01 12:00:00', 1, 20, true, NULL),
  (4, 2, 'tea', '2024-02-02', '2024-02-02 13:00:00', 5, 1, NULL, 'z'),
  (5, 2, NULL, '2024-02-03', NULL, NULL, NULL, true, NULL),
  (6, NULL, 'rum', NULL, '2025-01-01 00:00:00', 7, 30, false, 'w');
CREATE TABLE readings (sensor INTEGER, "at" TIMESTAMPTZ, value DOUBLE);
INSERT INTO readings VALUES (1, '2024-01-01 10:10:00+00', 1), (1, '2024-01-01 10:50:00+00', 3), (1, '2024-01-01 12:00:00+00', 5);
