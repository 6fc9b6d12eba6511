"""Requests between the workers of the service."""
