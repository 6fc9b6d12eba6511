"""The steps from an empty or adopted database to the schema of today."""
