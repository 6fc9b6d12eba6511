"""What a real Glance needs to serve tests; runs in an environment of its own."""
