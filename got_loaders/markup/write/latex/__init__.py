"""A tree of nodes to LaTeX that compiles."""
