"""Trains the tiny GOT-OCR2 checkpoint that the library carries."""
