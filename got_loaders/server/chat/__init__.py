"""``POST /v1/chat/completions``: pages in, their text out, in the shape of OpenAI's API."""
