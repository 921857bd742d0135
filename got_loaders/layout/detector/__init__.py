"""The layout that an object-detection model finds."""
