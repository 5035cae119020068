-- PostgreSQL has sequences; SQLite's counter lives in memory.
SELECT nextval('store_number')
