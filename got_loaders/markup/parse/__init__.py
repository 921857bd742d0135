"""The model's text to a tree of nodes."""
