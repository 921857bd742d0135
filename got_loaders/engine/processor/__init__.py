"""What the model is shown and told: pixels and the prompt's tokens."""
