"""Taking data where it is, instead of having it sent (images-api §9.2)."""
