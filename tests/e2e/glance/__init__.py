"""Beside a real Glance: on the same database, the same stores, and with a way back."""
