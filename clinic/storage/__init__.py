"""The database: connection rules, tables and migrations. SQLite by default, PostgreSQL by URL."""
