"""Keepers of keys."""
