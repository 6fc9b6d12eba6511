"""Taking over a database that the field's programs made."""
