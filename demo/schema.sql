CREATE TABLE airlines (carrier VARCHAR PRIMARY KEY, name VARCHAR NOT NULL);

CREATE TABLE airports (
  faa VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, lat DOUBLE NOT NULL, lon DOUBLE NOT NULL,
  alt INTEGER, tz INTEGER, dst VARCHAR, tzone VARCHAR);

CREATE TABLE planes (
  tailnum VARCHAR PRIMARY KEY, year INTEGER, type VARCHAR, manufacturer VARCHAR, model VARCHAR,
  engines INTEGER, seats INTEGER, speed INTEGER, engine VARCHAR);

CREATE TABLE weather (
  origin VARCHAR NOT NULL, year INTEGER, month INTEGER, day INTEGER, hour INTEGER, temp DOUBLE,
  dewp DOUBLE, humid DOUBLE, wind_dir DOUBLE, wind_speed DOUBLE, wind_gust DOUBLE, precip DOUBLE,
  pressure DOUBLE, visib DOUBLE, time_hour TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (origin, time_hour));

CREATE TABLE flights (
  id INTEGER PRIMARY KEY, year INTEGER, month INTEGER, day INTEGER, dep_time INTEGER,
  sched_dep_time INTEGER, dep_delay INTEGER, arr_time INTEGER, sched_arr_time INTEGER,
  arr_delay INTEGER, carrier VARCHAR NOT NULL, flight INTEGER, tailnum VARCHAR,
  origin VARCHAR NOT NULL, dest VARCHAR NOT NULL, air_time INTEGER, distance INTEGER, hour INTEGER,
  minute INTEGER, time_hour TIMESTAMPTZ NOT NULL);
