-- Where the extension is missing, its type and operators as far as requests use them.
DO $do$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
    CREATE EXTENSION vector;
    RETURN;
  END IF;
  CREATE TYPE vector;
  CREATE FUNCTION vector_in(cstring) RETURNS vector LANGUAGE internal IMMUTABLE STRICT AS 'textin';
  CREATE FUNCTION vector_out(vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
  CREATE FUNCTION vector_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin';
  CREATE FUNCTION vector_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout';
  CREATE TYPE vector (INPUT = vector_in, OUTPUT = vector_out, TYPMOD_IN = vector_typmod_in,
    TYPMOD_OUT = vector_typmod_out, LIKE = text);
  CREATE FUNCTION vector_to_float4(vector) RETURNS real[] LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT translate(CAST($1 AS text), '[]', '{}')::real[] $$;
  CREATE CAST (vector AS real[]) WITH FUNCTION vector_to_float4(vector);
  CREATE FUNCTION pairs(vector, vector, OUT a double precision, OUT b double precision) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
      IF cardinality($1::real[]) <> cardinality($2::real[]) THEN
        RAISE 'different vector dimensions % and %', cardinality($1::real[]), cardinality($2::real[]);
      END IF;
      RETURN QUERY SELECT x::double precision, y::double precision FROM unnest($1::real[], $2::real[]) AS u(x, y);
    END $$;
  CREATE FUNCTION l2_distance(vector, vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT sqrt(sum((a - b) ^ 2)) FROM pairs($1, $2) $$;
  CREATE FUNCTION vector_negative_inner_product(vector, vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT -sum(a * b) FROM pairs($1, $2) $$;
  CREATE FUNCTION cosine_distance(vector, vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT coalesce(1 - sum(a * b) / nullif(sqrt(sum(a * a) * sum(b * b)), 0), 'NaN') FROM pairs($1, $2) $$;
  CREATE OPERATOR <-> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = l2_distance);
  CREATE OPERATOR <#> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_negative_inner_product);
  CREATE OPERATOR <=> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = cosine_distance);
END $do$;
ALTER TABLE notes ALTER v TYPE vector(2) USING CAST(translate(CAST(v AS text), '{}', '[]') AS vector);
ALTER TABLE loose ALTER v TYPE vector USING CAST(translate(CAST(v AS text), '{}', '[]') AS vector);
ALTER TABLE seasons ALTER v TYPE vector(2) USING CAST(translate(CAST(v AS text), '{}', '[]') AS vector);
