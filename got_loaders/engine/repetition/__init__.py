"""Whether the model repeats itself."""
