CREATE TABLE topics (id INTEGER PRIMARY KEY, name VARCHAR);
INSERT INTO topics VALUES (1, 'sea'), (2, 'sky');
CREATE TABLE notes (id INTEGER PRIMARY KEY, topic_id INTEGER, v FLOAT[3]);
INSERT INTO notes VALUES (1, 1, [3, 4, 0]), (2, 1, [0, 1, 0]), (3, 2, [0.1, 0.2, 0.3]), (4, 2, NULL), (5, 2, [0, 0, 0]);
CREATE TABLE loose (id INTEGER PRIMARY KEY, v DOUBLE[]);
INSERT INTO loose VALUES (1, [0.1, 0.2]), (2, [-1.5, 1e20]);
CREATE TABLE spots (id INTEGER PRIMARY KEY, number BIGINT, text VARCHAR);
INSERT INTO spots VALUES (1, 599526121473572863, '851f1d4bfffffff'), (2, NULL, NULL);
