ALTER TABLE sums ALTER free TYPE numeric, ALTER wide TYPE numeric(45,2);
ALTER TABLE odd ALTER free TYPE numeric;
INSERT INTO odd VALUES (1, 'NaN', 1), (2, 'Infinity', 2), (3, '12345678901234567890123456789012345678901.5', 3),
  (4, '0.0000000000000000000000001', 4), (5, 10 / 3.0, 5), (6, '-Infinity', 6), (7, NULL, 7);
INSERT INTO plain VALUES (1, 'NaN'), (2, 2.5);
