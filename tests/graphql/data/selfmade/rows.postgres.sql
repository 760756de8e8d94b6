-- What says more than the types that the copy takes: a composite type, and a whole number that stays one.
CREATE TYPE hull AS (len INTEGER, mat TEXT);
ALTER TABLE boats ALTER wide TYPE BIGINT, ALTER hull TYPE hull USING jsonb_populate_record(NULL::hull, hull);
