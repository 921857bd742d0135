"""Detects that the model repeats itself."""
