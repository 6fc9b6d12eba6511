"""What callers do with images as records; their data has a room of its own."""
