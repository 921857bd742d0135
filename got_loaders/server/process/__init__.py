"""``PUT /process``: what Open WebUI asks of an engine for documents that is not its own."""
