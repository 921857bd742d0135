"""What a decode step computes on a GPU in kernels of our own, written in Triton.

``attention_kernel`` and ``sampler_kernel`` are compiled: they know addresses and numbers, and are
imported only where Triton is wanted. ``attention`` and ``sampler`` run them on tensors; what they
give is compared with torch's before it is trusted. Without Triton nothing is compiled. With
``TRITON_INTERPRET=1`` in the environment before Triton is imported, the same kernels run on the
CPU, in numpy: so they are tested where there is no GPU.
"""
