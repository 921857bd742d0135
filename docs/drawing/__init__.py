"""Draws the pictures of the docs, and runs the examples for their outputs: ``make draw``.

All of it is made of what the library does, with the embedded model: nothing is drawn by hand.
"""
