CREATE TABLE parents AS SELECT i AS id, 'p' || i AS name FROM range(1, 4) r(i);
CREATE TABLE rows AS SELECT i AS id, 1 + i % 2 AS parent_id, (i * 7919) % 5003 AS n FROM range(1, 5001) r(i);
