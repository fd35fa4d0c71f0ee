"""The database: SQLAlchemy Core over a SQLite file, or over a PostgreSQL database that replicas share."""
