"""How callers reach the service: HTTP, the command line, and Python."""
