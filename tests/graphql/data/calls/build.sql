-- Macros name their tables by the name under which the file is attached; a schema of that name stands in for it here.
CREATE TABLE towns (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, region VARCHAR, size INTEGER, founded DATE,
  place STRUCT(north INTEGER, east INTEGER), facts JSON);
INSERT INTO towns VALUES
  (1, 'Aal', 'west', 10, '1200-01-01', {north: 1, east: 1}, '{"kind": "port", "rank": 1}'),
  (2, 'Bygd', 'west', 20, '1300-05-05', {north: 2, east: 5}, '{"kind": "farm"}'),
  (3, 'Dal', 'east', 20, NULL, {north: 1, east: 9}, NULL),
  (4, 'Elv', 'east', NULL, '1500-02-02', NULL, '{"kind": "port", "rank": 3}'),
  (5, 'Fjell', NULL, 5, '1600-03-03', {north: 7, east: 1}, '{}');
CREATE TABLE houses (id INTEGER PRIMARY KEY, town_id BIGINT, rooms INTEGER, price DOUBLE, built TIMESTAMPTZ);
INSERT INTO houses VALUES
  (1, 1, 3, 100, '2001-02-03 10:00:00+00'), (2, 1, 5, 200, '2002-02-03 10:00:00+00'), (3, 2, 2, 50, NULL),
  (4, 2, 4, NULL, '2001-05-03 10:00:00+00'), (5, 3, 6, 300, '2003-02-03 10:00:00+00'), (6, NULL, 1, 10, NULL),
  (7, 9, 8, 80, '2001-02-03 12:00:00+00'), (8, 5, 3, 70, '2005-02-03 10:00:00+00');
CREATE TABLE people (id INTEGER PRIMARY KEY, house_id INTEGER, name VARCHAR NOT NULL, age INTEGER);
INSERT INTO people VALUES (1, 1, 'Ada', 30), (2, 1, 'Bo', 10), (3, 2, 'Chi', 40), (4, 5, 'Dee', 50), (5, 5, 'Eli', NULL),
  (6, 8, 'Fay', 20), (7, NULL, 'Gus', 60);
CREATE SCHEMA calls;
CREATE VIEW calls.towns AS FROM main.towns;
CREATE MACRO twice(n) AS n * 2;
CREATE MACRO weigh(n, factor, word) AS n * factor + length(word);
CREATE MACRO greet(name, greeting := 'Hi', mark := '.') AS greeting || ' ' || name || mark;
CREATE MACRO upto(n) AS range(1, n + 1);
CREATE MACRO day_of(y, m) AS make_date(y, m, 1);
CREATE MACRO echo(v) AS v;
CREATE MACRO stretch(low, high) AS {low: low, high: high, mid: {pos: (low + high) // 2}};
CREATE MACRO stretches(n) AS list_transform(range(n), lambda i: {low: i, high: i + 1, mid: {pos: i}});
CREATE MACRO card(name, stars) AS CASE WHEN name = 'none' THEN NULL ELSE
  json_object('Title', name, 'stars', stars, 'tags', json_array('x', name), 'mid', json_object('pos', stars + 1)) END;
CREATE MACRO cards(n) AS to_json(list_transform(range(n), lambda i: {Title: 'c' || i, stars: 10 - i}));
CREATE MACRO joined(items) AS array_to_string(list_transform(items, lambda i: i || ''), '+');
CREATE MACRO pick(doc) AS doc ->> 'a';
CREATE MACRO small_towns(most) AS TABLE SELECT * FROM calls.towns WHERE size <= most;
CREATE MACRO towns_near(pos, reach) AS TABLE SELECT * FROM calls.towns WHERE abs(place.north - pos) <= reach;
CREATE MACRO steps(n, width) AS TABLE SELECT i AS pos, i * width AS total FROM range(n) r(i);
CREATE MACRO numbers(n) AS TABLE SELECT i FROM range(n) r(i);
CREATE MACRO first_town() AS (SELECT t FROM calls.towns t ORDER BY id LIMIT 1);
CREATE MACRO no_town() AS (SELECT t FROM calls.towns t WHERE id = 99);
CREATE MACRO town_list() AS (SELECT list(t ORDER BY id DESC) FROM calls.towns t WHERE id < 4);
DROP SCHEMA calls CASCADE;
