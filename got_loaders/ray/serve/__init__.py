"""The server as a Ray Serve application."""
