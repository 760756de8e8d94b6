CREATE TABLE marks (note_id INTEGER PRIMARY KEY, mark VARCHAR);
INSERT INTO marks VALUES (1, 'one'), (3, 'three'), (6, 'six');
