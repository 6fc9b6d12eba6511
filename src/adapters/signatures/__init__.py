"""Signatures of images, and the certificates that they are checked by."""
