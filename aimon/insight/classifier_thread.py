"""One thread for the numerical libraries while a model is fitted.

Several threads that wait for each other collapse on a busy machine (a fit of 1 s took 20), and the order of their sums
decides ties. Days and models are what runs side by side.
"""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager[object]:
    """A context in which OpenMP and BLAS use one thread."""
    limits: AbstractContextManager[object] = _libraries().limit(limits=1)
    return limits


@cache
def _libraries() -> Any:
    """The libraries that have threads of their own; looking for them takes as long as asking a model."""
    import sklearn.ensemble  # noqa: F401 - brings its OpenMP
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
