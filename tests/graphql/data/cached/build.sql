CREATE TABLE shelves (id INTEGER PRIMARY KEY, name VARCHAR);
INSERT INTO shelves VALUES (1, 'top'), (2, 'low');
CREATE TABLE cups (id INTEGER PRIMARY KEY, name VARCHAR, size INTEGER, shelf_id INTEGER);
INSERT INTO cups VALUES (1, 'red', 3, 1), (2, 'blue', 5, 1), (3, 'green', 4, 2);
CREATE TABLE plates (id INTEGER PRIMARY KEY, name VARCHAR);
INSERT INTO plates VALUES (1, 'flat'), (2, 'deep');
