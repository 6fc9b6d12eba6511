"""What a real Keystone needs to serve tests; runs in an environment of its own."""
