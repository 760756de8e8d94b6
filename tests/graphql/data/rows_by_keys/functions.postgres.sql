CREATE FUNCTION volumes_from(lo INTEGER, hi INTEGER) RETURNS SETOF volumes LANGUAGE SQL STABLE
  AS 'SELECT * FROM volumes WHERE id >= lo AND id <= coalesce(hi, 100)';
