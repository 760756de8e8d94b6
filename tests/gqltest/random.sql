-- Output forms that random requests need besides those of oracle.sql.
CREATE OR REPLACE TEMP MACRO tod(x) AS rpad(CASE WHEN contains(x::VARCHAR, '.') THEN x::VARCHAR ELSE x::VARCHAR || '.' END, 18, '0');
-- A number that JSON functions would make a double.
CREATE OR REPLACE TEMP MACRO exact(x) AS 'exact:' || x::VARCHAR;
