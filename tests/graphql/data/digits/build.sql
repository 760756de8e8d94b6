-- Numbers whose type does not say how long they are, and such as only PostgreSQL has.
CREATE TABLE sums (id INTEGER PRIMARY KEY, kind VARCHAR, free DECIMAL(38,10), wide DECIMAL(38,2), narrow DECIMAL(10,2), big HUGEINT);
INSERT INTO sums VALUES (1, 'a', 0.1, 1.25, 1.5, 170141183460469231731687303715884105727), (2, 'a', 0.2, 12345678901234567890123.45, 2.25, -5),
  (3, 'b', NULL, NULL, NULL, NULL), (4, 'b', 3.3333333333, 2, 4, 0);
CREATE TABLE odd (id INTEGER PRIMARY KEY, free DECIMAL(38,10), narrow DECIMAL(10,2));
CREATE TABLE plain (id INTEGER PRIMARY KEY, narrow DECIMAL(10,2));
