"""The attention of a decode step compiled for this processor by numba, where it is installed.

``openmp`` finds the threads that torch computes with. ``intrinsics``, ``vectors`` (its sums) and
``attention_kernel`` are compiled: they know addresses and numbers. ``row_attention`` runs them on
tensors; what they give is compared with torch's before it is trusted. Without numba nothing is
compiled.
"""
