"""Looking at image formats with oslo.utils."""
