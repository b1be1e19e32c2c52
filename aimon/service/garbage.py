"""What stands for as long as the process is never looked through for garbage.

A service holds some hundred thousand objects of modules, routes and tables. Python's collector looks at all of them
each time enough new ones survived; requests waited 150 to 350 ms for that, once a second under load.
"""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

SETTLED_SECONDS = 10.0
"""By then the modules that only a first request needs are imported too."""


@contextmanager
def only_new_garbage() -> Iterator[None]:
    """Within the block the collector looks at what came after its beginning, and after the first seconds."""
    settle()
    later = asyncio.get_running_loop().call_later(SETTLED_SECONDS, settle)
    try:
        yield
    finally:
        later.cancel()
        gc.unfreeze()


def settle() -> None:
    """Take out what is garbage now; keep the collector from everything else that is there."""
    gc.collect()
    gc.freeze()
