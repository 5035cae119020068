SELECT value FROM setting WHERE name = 'numbers_reserved'
