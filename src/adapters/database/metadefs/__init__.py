"""Metadata definitions in SQL, in the six tables of the field."""
