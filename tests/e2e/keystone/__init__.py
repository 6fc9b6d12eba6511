"""The running service behind a real Keystone."""
