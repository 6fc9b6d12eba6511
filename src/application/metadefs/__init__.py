"""The use cases of metadata definitions."""
