CREATE TYPE core AS (raw BYTEA, codes UUID[]);
CREATE TYPE seal AS (code UUID, raw BYTEA, core core);
CREATE TYPE lot AS (name TEXT, seal seal);
ALTER TABLE parcels ALTER lot TYPE lot USING jsonb_populate_record(NULL::lot, lot);
ALTER TABLE parcels RENAME lots TO old_lots;
ALTER TABLE parcels ADD lots lot[];
UPDATE parcels SET lots = ARRAY(SELECT jsonb_populate_record(NULL::lot, l) FROM jsonb_array_elements(old_lots) l) WHERE old_lots IS NOT NULL;
ALTER TABLE parcels DROP old_lots;
