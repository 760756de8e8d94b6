CREATE TABLE pupils (id INTEGER PRIMARY KEY, name VARCHAR);
CREATE TABLE courses (school VARCHAR, code VARCHAR, title VARCHAR, PRIMARY KEY (school, code));
CREATE TABLE grades (id INTEGER PRIMARY KEY, pupil INTEGER, school VARCHAR, course VARCHAR, mark INTEGER);
INSERT INTO pupils VALUES (1, 'Ann'), (2, 'Ben'), (3, 'Cid');
INSERT INTO courses VALUES ('A', 'm', 'Maths'), ('A', 'x', 'Xylophone'), ('B', 'm', 'Music');
INSERT INTO grades VALUES (1, 1, 'A', 'm', 5), (2, 1, 'B', 'm', 3), (3, 2, 'A', 'm', 4), (4, NULL, 'A', 'x', 1);
