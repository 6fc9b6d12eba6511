"""What the operating system knows: the time, randomness, which processes live."""
