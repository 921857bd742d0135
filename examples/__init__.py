"""Scripts that show the library; each runs by itself: ``python examples/demo.py``."""
