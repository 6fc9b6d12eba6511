"""The Images API v2 over HTTP."""
