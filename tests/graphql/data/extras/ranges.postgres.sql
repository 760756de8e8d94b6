ALTER TABLE spans ALTER ints TYPE int4range USING ints::int4range, ALTER bigs TYPE int8range USING bigs::int8range,
  ALTER times TYPE tstzrange USING times::tstzrange;
