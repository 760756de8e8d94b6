-- Output forms of temporal values, written independently of the product, for the hand-written SQL of cases.
CREATE OR REPLACE TEMP MACRO fraction_text(us) AS
  CASE WHEN us % 1000000 = 0 THEN '' ELSE '.' || rtrim(lpad(((us % 1000000 + 1000000) % 1000000)::VARCHAR, 6, '0'), '0') END;
CREATE OR REPLACE TEMP MACRO offset_text(minutes) AS
  CASE WHEN minutes = 0 THEN 'Z'
       ELSE CASE WHEN minutes < 0 THEN '-' ELSE '+' END || lpad((abs(minutes) // 60)::VARCHAR, 2, '0') || ':' ||
            lpad((abs(minutes) % 60)::VARCHAR, 2, '0') END;
-- DateTime: no zone, always Z.
CREATE OR REPLACE TEMP MACRO dt(x) AS strftime(x, '%Y-%m-%dT%H:%M:%S') || fraction_text(epoch_us(x)) || 'Z';
-- Timestamp: in the session zone.
CREATE OR REPLACE TEMP MACRO ts(x) AS
  strftime(timezone(current_setting('TimeZone'), x), '%Y-%m-%dT%H:%M:%S') || fraction_text(epoch_us(x)) ||
  offset_text((epoch_us(timezone(current_setting('TimeZone'), x)) - epoch_us(x)) // 60000000);
