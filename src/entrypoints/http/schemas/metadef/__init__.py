"""Metadata definitions as callers write and read them (metadefs §1)."""
