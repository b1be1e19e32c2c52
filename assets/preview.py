"""Parts of Dagster that warn that they may still change, used on purpose: partitioned checks, partition mappings.

The version of Dagster is pinned, so a change arrives only with a change of the pin, and the tests would say so.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg


@contextmanager
def accepted() -> Iterator[None]:
    """Say nothing about previews and betas inside the block."""
    with warnings.catch_warnings():
        for category in (dg.PreviewWarning, dg.BetaWarning):
            warnings.simplefilter("ignore", category)
        yield
