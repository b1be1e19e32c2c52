"""Trying again what failed for a reason that passes: a network, a busy database. Anything else is raised at once.

One model's outage must not cost the others their place in a run, so a model day is retried alone and not the run.
"""

import errno
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

T = TypeVar("T")

TRIES = 3
FIRST_WAIT_SECONDS = 2.0
GROWTH = 4.0
PASSING = (ConnectionError, TimeoutError, InterruptedError, OperationalError, InterfaceError)
PASSING_ERRNO = {errno.EAGAIN, errno.EBUSY, errno.EIO, errno.ESTALE, errno.ENETUNREACH, errno.EHOSTUNREACH}


def patiently(
    work: Callable[[], T],
    *,
    told: Callable[[Exception, float], object],
    sleep: Callable[[float], object] = time.sleep,
) -> T:
    """What `work` returns, after waits of about 2 and 8 seconds where it failed for a reason that passes.

    `told` hears of each failure that is tried again, and how long that takes. The waits differ by up to a quarter, so
    that many who were turned away together do not come back together.
    """
    for number in range(TRIES - 1):
        try:
            return work()
        except Exception as error:
            if not is_passing(error):
                raise
            wait = FIRST_WAIT_SECONDS * GROWTH**number * random.uniform(0.75, 1.25)  # noqa: S311
            told(error, wait)
            sleep(wait)
    return work()


def is_passing(error: BaseException) -> bool:
    """Whether the error, or what caused it, may be gone in a moment.

    >>> is_passing(ValueError("no number")), is_passing(ConnectionResetError())
    (False, True)
    """
    return any(
        isinstance(each, PASSING) or (isinstance(each, OSError) and each.errno in PASSING_ERRNO)
        for each in causes(error)
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from, down to the first."""
    while error is not None:
        yield error
        error = error.__cause__
