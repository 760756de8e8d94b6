-- Structures with bytes in them are composite types here, since JSON holds none; one with lists is either.
CREATE TYPE part AS (name TEXT, raw BYTEA, raws BYTEA[]);
CREATE TYPE part2 AS (name TEXT, raw BYTEA);
CREATE TYPE bit_of_kit AS (code UUID, n INTEGER);
ALTER TABLE kits RENAME bits TO old_bits;
ALTER TABLE kits ADD bits bit_of_kit[];
UPDATE kits SET bits = ARRAY(SELECT jsonb_populate_record(NULL::bit_of_kit, b) FROM jsonb_array_elements(old_bits) b) WHERE old_bits IS NOT NULL;
ALTER TABLE kits DROP old_bits;
CREATE TYPE mark AS (tags TEXT[], counts INTEGER[], flags BOOLEAN[], days DATE[], note TEXT);
ALTER TABLE crates ALTER mark TYPE mark USING jsonb_populate_record(NULL::mark, mark);
ALTER TABLE boxes ALTER part TYPE part USING jsonb_populate_record(NULL::part, part);
ALTER TABLE boxes RENAME parts TO old_parts;
ALTER TABLE boxes ADD parts part2[];
UPDATE boxes SET parts = ARRAY(SELECT jsonb_populate_record(NULL::part2, p) FROM jsonb_array_elements(old_parts) p) WHERE old_parts IS NOT NULL;
ALTER TABLE boxes DROP old_parts;
CREATE FUNCTION sold(lo DOUBLE PRECISION, hi DOUBLE PRECISION) RETURNS SETOF sales LANGUAGE SQL STABLE
  AS 'SELECT * FROM sales WHERE amount BETWEEN lo AND coalesce(hi, 1e9)';
CREATE FUNCTION steps(n INTEGER, width INTEGER DEFAULT 10) RETURNS TABLE (pos INTEGER, total INTEGER) LANGUAGE SQL IMMUTABLE
  AS 'SELECT i, i * width FROM generate_series(0, n - 1) i';
