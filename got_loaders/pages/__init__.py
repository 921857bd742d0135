"""Source → pages."""
