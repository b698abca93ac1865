-- SPDX-License-Identifier: GPL-2.0-only
--
-- A database in memory that is filled, read in order, indexed, changed and asked: sqlite3 :memory: <tables.sql
PRAGMA temp_store = memory;
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, value INTEGER, payload TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO item SELECT i, printf('%06x', i), i * 104729 % 1000003, printf('%0200d', i) FROM n;
SELECT count(*), sum(value), min(name), max(name) FROM item;
UPDATE item SET value = value * 3 % 1000003 WHERE id % 3 = 0;
SELECT id / 5000, count(*), sum(length(payload)), sum(value) FROM item GROUP BY 1 ORDER BY 1;
CREATE INDEX by_name ON item (name);
DELETE FROM item WHERE id % 7 = 0;
SELECT name, value, payload FROM item WHERE name BETWEEN '004000' AND '004800';
SELECT count(*), sum(value), sum(id), max(payload) FROM item;
