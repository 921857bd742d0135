"""The keys and values of the running batch."""
