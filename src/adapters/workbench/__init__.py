"""Room to work on data."""
