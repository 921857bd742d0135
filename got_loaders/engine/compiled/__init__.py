"""Parts of a decode step compiled for this processor by numba, where it is installed.

``openmp`` finds the threads that torch computes with. ``primitives``, ``attention``, ``products``
and ``step`` are compiled: they know addresses and numbers. ``row_attention`` and ``whole_step`` run
them on tensors, and try them once before they are trusted. Without numba nothing here is used.
"""
