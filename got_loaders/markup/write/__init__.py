"""A tree of nodes to Markdown, HTML and plain text."""
