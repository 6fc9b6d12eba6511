"""The parts of the database adapter that need no database."""
