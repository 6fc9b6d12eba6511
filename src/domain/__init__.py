"""What is true of images, members and stores, whoever asks. Standard library only."""
