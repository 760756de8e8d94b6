CREATE TABLE labels (id INTEGER PRIMARY KEY, word VARCHAR);
INSERT INTO labels VALUES (1, 'one'), (2, 'two'), (4, 'four'), (5, 'five');
