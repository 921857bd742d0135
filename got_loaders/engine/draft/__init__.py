"""What a row may write next, guessed so that the model can check several tokens in one step."""
