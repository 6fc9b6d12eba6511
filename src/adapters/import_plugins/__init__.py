"""What is done to data on its way in."""
