"""The model's input: tiles of pixels and the tokens of the prompt."""
