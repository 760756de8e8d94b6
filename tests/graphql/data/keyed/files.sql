CREATE TABLE files (id INTEGER PRIMARY KEY, code UUID, day DATE, price DECIMAL(12,4), "at" TIMESTAMP, seen TIMESTAMPTZ, town VARCHAR, number BIGINT, name VARCHAR);
INSERT INTO files VALUES
  (10, '6f9619ff-8b86-d011-b42d-00c04fc964f1', '2024-05-01', 1.5000, '2024-05-01 10:00:00.5', '2024-05-01 12:00:00+02', 'Oslo', 1, 'ten'),
  (11, '6f9619ff-8b86-d011-b42d-00c04fc964f2', '0044-03-15 (BC)', 0.1, '0044-03-15 (BC) 01:02:03', '2024-05-01 12:00:00+00', 'Os"lo''\\', 2, 'eleven'),
  (12, '6f9619ff-8b86-d011-b42d-00c04fc964f4', '9999-12-31', 12345678.9, '9999-12-31 23:59:59.999999', '0001-01-01 00:00:00+00', 'Oslo', 3, 'twelve'),
  (13, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'none'),
  (14, '6f9619ff-8b86-d011-b42d-00c04fc964f1', '2023-01-01', 99, '2023-01-01 00:00:00', '2023-01-01 00:00:00+00', 'Bergen', 1, 'fourteen');
CREATE TABLE file_desks (file_id INTEGER, desk_id INTEGER, PRIMARY KEY (file_id, desk_id));
INSERT INTO file_desks VALUES (10, 1), (11, 1), (11, 2), (12, 4), (13, 4), (14, 77);
