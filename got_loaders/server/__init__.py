"""One engine for many processes: a server in the words of OpenAI, Mistral and Open WebUI.

The only room that knows a web framework.
"""

from __future__ import annotations

__all__ = ["MISSING"]

MISSING = 'the server needs packages of its own: pip install "got-loaders[serve]"'
"""What is told where the extra is not installed."""
