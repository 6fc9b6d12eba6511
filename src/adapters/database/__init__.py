"""The catalogue in SQLite, PostgreSQL, MariaDB or MySQL, in the field's own schema."""
