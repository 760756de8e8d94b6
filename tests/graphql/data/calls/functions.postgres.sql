-- The macros as functions, and a structure as a composite type.
CREATE TYPE place AS (north INTEGER, east INTEGER);
ALTER TABLE towns ALTER place TYPE place USING jsonb_populate_record(NULL::place, place);
CREATE FUNCTION twice(n INTEGER) RETURNS INTEGER LANGUAGE SQL IMMUTABLE AS 'SELECT n * 2';
CREATE FUNCTION weigh(n INTEGER, factor INTEGER, word TEXT) RETURNS INTEGER LANGUAGE SQL IMMUTABLE AS 'SELECT n * factor + length(word)';
CREATE FUNCTION greet(name TEXT, greeting TEXT DEFAULT 'Hi', mark TEXT DEFAULT '.') RETURNS TEXT LANGUAGE SQL IMMUTABLE
  AS $$SELECT greeting || ' ' || name || mark$$;
CREATE FUNCTION upto(n INTEGER) RETURNS INTEGER[] LANGUAGE SQL IMMUTABLE AS 'SELECT ARRAY(SELECT generate_series(1, n))';
CREATE FUNCTION day_of(y INTEGER, m INTEGER) RETURNS DATE LANGUAGE SQL IMMUTABLE AS 'SELECT make_date(y, m, 1)';
CREATE FUNCTION echo(v ANYELEMENT) RETURNS ANYELEMENT LANGUAGE SQL IMMUTABLE AS 'SELECT v';
CREATE FUNCTION echo(v TEXT) RETURNS TEXT LANGUAGE SQL IMMUTABLE AS 'SELECT v';
CREATE TYPE mid AS (pos INTEGER);
CREATE TYPE stretch AS (low INTEGER, high INTEGER, mid mid);
CREATE FUNCTION stretch(low INTEGER, high INTEGER) RETURNS stretch LANGUAGE SQL IMMUTABLE AS 'SELECT ROW(low, high, ROW((low + high) / 2)::mid)::stretch';
CREATE FUNCTION stretches(n INTEGER) RETURNS stretch[] LANGUAGE SQL IMMUTABLE
  AS 'SELECT ARRAY(SELECT ROW(i, i + 1, ROW(i)::mid)::stretch FROM generate_series(0, n - 1) i)';
CREATE FUNCTION card(name TEXT, stars INTEGER) RETURNS JSONB LANGUAGE SQL IMMUTABLE
  AS $$SELECT CASE WHEN name <> 'none' THEN jsonb_build_object('Title', name, 'stars', stars, 'tags', jsonb_build_array('x', name), 'mid', jsonb_build_object('pos', stars + 1)) END$$;
CREATE FUNCTION cards(n INTEGER) RETURNS JSONB LANGUAGE SQL IMMUTABLE
  AS $$SELECT coalesce(jsonb_agg(jsonb_build_object('Title', 'c' || i, 'stars', 10 - i) ORDER BY i), '[]') FROM generate_series(0, n - 1) i$$;
CREATE FUNCTION joined(items INTEGER[]) RETURNS TEXT LANGUAGE SQL IMMUTABLE AS $$SELECT array_to_string(items, '+')$$;
CREATE FUNCTION pick(doc JSONB) RETURNS TEXT LANGUAGE SQL IMMUTABLE AS $$SELECT doc ->> 'a'$$;
CREATE FUNCTION small_towns(most INTEGER) RETURNS SETOF towns LANGUAGE SQL STABLE AS 'SELECT * FROM towns WHERE size <= most';
CREATE FUNCTION towns_near(pos INTEGER, reach INTEGER) RETURNS SETOF towns LANGUAGE SQL STABLE
  AS 'SELECT * FROM towns t WHERE abs((t.place).north - pos) <= reach';
CREATE FUNCTION steps(n INTEGER, width INTEGER) RETURNS TABLE (pos INTEGER, total INTEGER) LANGUAGE SQL IMMUTABLE
  AS 'SELECT i, i * width FROM generate_series(0, n - 1) i';
CREATE FUNCTION numbers(n INTEGER) RETURNS TABLE (i INTEGER) LANGUAGE SQL IMMUTABLE AS 'SELECT * FROM generate_series(0, n - 1)';
CREATE FUNCTION first_town() RETURNS towns LANGUAGE SQL STABLE AS 'SELECT * FROM towns ORDER BY id LIMIT 1';
CREATE FUNCTION no_town() RETURNS towns LANGUAGE SQL STABLE AS 'SELECT * FROM towns WHERE id = 99';
CREATE FUNCTION town_list() RETURNS towns[] LANGUAGE SQL STABLE AS 'SELECT array_agg(t ORDER BY id DESC) FROM towns t WHERE id < 4';
CREATE FUNCTION error(message TEXT) RETURNS TEXT LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION '%', message; END$$;
