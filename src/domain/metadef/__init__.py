"""Definitions of metadata: which properties things may have, and what they mean."""
