"""What the domain needs from the outside, as protocols: one port a file."""
