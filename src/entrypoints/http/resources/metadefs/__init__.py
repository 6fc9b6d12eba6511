"""Metadata definitions (metadefs §2)."""
