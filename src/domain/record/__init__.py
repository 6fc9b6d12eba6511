"""Rows as the database functions show them: what callers give and get, and what holds for it."""
