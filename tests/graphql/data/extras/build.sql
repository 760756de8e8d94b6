CREATE TABLE spans (id INTEGER PRIMARY KEY, ints VARCHAR, bigs VARCHAR, times VARCHAR);
INSERT INTO spans VALUES
  (1, '[10,20)', '[5000000000,6000000000)', '["2024-01-01 00:00:00+00","2024-02-01 00:00:00+00")'),
  (2, '[1,5)', '(,10)', '["2024-01-15 00:00:00+00",)'), (3, '[15,)', '[1,2)', '["2023-01-01 00:00:00+00","2023-01-02 00:00:00+00")'), (4, NULL, NULL, NULL);
CREATE TABLE tenants (id INTEGER PRIMARY KEY, tenant VARCHAR, note VARCHAR, old VARCHAR);
INSERT INTO tenants VALUES (1, 'a', 'x', 'o'), (2, 'b', NULL, NULL), (3, 'a', 'y', NULL);
