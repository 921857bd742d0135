"""``POST /v1/ocr`` in Mistral's shape: a document in, its pages as Markdown out."""
