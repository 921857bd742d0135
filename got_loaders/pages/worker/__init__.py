"""The processes that open and render documents: started, watched, limited and replaced here."""
