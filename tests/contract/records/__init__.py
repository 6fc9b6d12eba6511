"""What the database functions promise, on every database."""
