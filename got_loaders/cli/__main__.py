"""``python -m got_loaders.cli``: the same as ``got-loaders``."""

from got_loaders.cli import script

if __name__ == "__main__":
    script()
