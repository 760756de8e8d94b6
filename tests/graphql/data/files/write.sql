-- Writes plain files below lake/ in the working folder.
COPY (SELECT i AS id, 'r' || (i % 3) AS grp, CASE WHEN i % 4 <> 0 THEN i * 0.5 END AS v FROM range(1, 21) r(i)) TO 'lake/measures.parquet' (FORMAT parquet);
COPY (SELECT * FROM (VALUES (1, 'hut, "north"', DATE '2024-01-01'), (2, 'Zoë', NULL), (3, '', DATE '2024-02-29')) t(id, name, since)) TO 'lake/sensors.csv' (HEADER, FORCE_QUOTE (name));
COPY (SELECT i AS id, {kind: 'k' || i, n: i} AS detail FROM range(1, 4) r(i)) TO 'lake/events.json' (FORMAT json);
COPY (SELECT 2023 + i % 2 AS year, i AS id, i * 10 AS km FROM range(1, 7) r(i)) TO 'lake/trips' (FORMAT parquet, PARTITION_BY (year));
