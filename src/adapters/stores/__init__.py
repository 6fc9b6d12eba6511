"""Storage drivers and the registry of those that are enabled."""
