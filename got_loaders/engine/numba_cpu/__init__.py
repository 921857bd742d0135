"""Parts of a decode step compiled for this processor by numba, where it is installed.

``openmp`` finds the threads that torch computes with. ``primitives``, ``attention``, ``products``
and ``step`` are compiled: they know addresses and numbers. ``row_attention`` and ``whole_step`` run
them on tensors; what they give is compared with torch's before it is trusted. ``table`` says where
a cache's rows are, ``support`` whether anything can be compiled. Without numba nothing is.
"""
