CREATE TABLE shelves (id INTEGER PRIMARY KEY, name VARCHAR);
INSERT INTO shelves VALUES (1, 'low'), (2, 'high'), (3, 'empty');
CREATE TABLE notes (id INTEGER PRIMARY KEY, shelf_id INTEGER, kind VARCHAR, v FLOAT[2], w FLOAT[3]);
INSERT INTO notes VALUES (1, 1, 'a', [3, 4], [1, 0, 0]), (2, 1, 'b', [0, 1], [0, 2, 0]), (3, 2, 'a', [8, 6], [0, 0, 3]),
  (4, 2, 'a', NULL, [4, 0, 0]), (5, 2, 'b', [0, 0], [0, 5, 0]), (6, 1, 'a', [2, 0], NULL), (7, NULL, 'b', [-3, 0], [0, 0, 7]);
CREATE TABLE links (note_id INTEGER, tag_id INTEGER, PRIMARY KEY (note_id, tag_id));
INSERT INTO links VALUES (1, 1), (2, 1), (3, 1), (3, 2), (5, 2), (7, 2);
CREATE TABLE tags (id INTEGER PRIMARY KEY, word VARCHAR);
INSERT INTO tags VALUES (1, 'sea'), (2, 'sky');
CREATE TABLE loose (id INTEGER PRIMARY KEY, v FLOAT[]);
INSERT INTO loose VALUES (1, [1, 2]), (2, [3, 4]), (3, [1, 2, 3]);
CREATE TABLE seasons (id INTEGER PRIMARY KEY, name VARCHAR, v FLOAT[2]);
INSERT INTO seasons VALUES (1, 'spring', [0.1, 0.2]), (2, 'summer', [0.3, 0.4]);
