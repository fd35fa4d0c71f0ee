"""What is remembered: SQLAlchemy Core over one SQLite file, or over a PostgreSQL that replicas share."""
