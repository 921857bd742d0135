"""The layout of a page's picture: pixels to typed regions in reading order."""
