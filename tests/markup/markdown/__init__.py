"""Readings of models that write Markdown."""
