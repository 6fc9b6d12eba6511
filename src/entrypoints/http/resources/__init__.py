"""Resources: load, call the use case, dump."""
