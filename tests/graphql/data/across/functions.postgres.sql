-- The macros as functions.
CREATE FUNCTION score(title TEXT, scale INTEGER) RETURNS BIGINT LANGUAGE SQL IMMUTABLE AS 'SELECT (length(title) * scale)::bigint';
CREATE FUNCTION tag(word TEXT) RETURNS TEXT LANGUAGE SQL IMMUTABLE AS $$SELECT '<' || word || '>'$$;
CREATE FUNCTION offers_of(book BIGINT, lowest DOUBLE PRECISION) RETURNS SETOF offers LANGUAGE SQL STABLE
  AS 'SELECT * FROM offers WHERE book_id = book AND coalesce(price, 0) >= coalesce(lowest, 0)';
