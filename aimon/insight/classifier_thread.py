"""One thread for the numerical libraries while a model is fitted.

Several threads that wait for each other collapse on a busy machine (a fit of 1 s took 20), and the order of their sums
decides ties. Days and models are what runs side by side.
"""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """A context in which OpenMP and BLAS use one thread."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits
