"""One engine for many processes: a server in the words of OpenAI, Mistral and Open WebUI.

The only room that knows a web framework.
"""
