"""What a real Cinder needs to serve tests; runs in an environment of its own."""
