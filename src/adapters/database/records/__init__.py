"""The rows of the field's tables, for the database functions."""
