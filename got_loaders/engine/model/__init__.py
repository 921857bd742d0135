"""The model itself: how it is found, loaded and computed."""
