-- The server knows; SQLite counts its pages.
SELECT pg_database_size(current_database())
