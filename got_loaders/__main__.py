"""``python -m got_loaders``: the same as ``got-loaders``."""

from got_loaders.cli import console_main

if __name__ == "__main__":
    console_main()
