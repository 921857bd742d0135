"""Image files through Pillow: frames as pages, and what each colour mode needs."""
