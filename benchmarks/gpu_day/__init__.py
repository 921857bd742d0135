"""The first minutes on a GPU: one script that measures and checks all that a CPU can't."""
