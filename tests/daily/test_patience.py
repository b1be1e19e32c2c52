import errno
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy.exc import OperationalError

from aimon.daily.patience import is_passing, patiently
from aimon.errors import LakeError, SourceError


def failing(errors: Sequence[Exception]) -> Callable[[], str]:
    """Work that fails with each of these in turn and then is done."""
    left = list(errors)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return work


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def test_an_outage_is_waited_for_a_little_longer_each_time() -> None:
    waits: list[float] = []
    told: list[str] = []

    done = patiently(
        failing([ConnectionResetError("gone"), TimeoutError("slow")]),
        told=lambda error, wait: told.append(f"{error} {wait > 0}"),
        sleep=waits.append,
    )

    assert done == "done"
    assert told == ["gone True", "slow True"]
    assert 1.5 <= waits[0] <= 2.5
    assert 6.0 <= waits[1] <= 10.0


def test_an_outage_that_stays_is_raised_after_three_tries() -> None:
    waits: list[float] = []
    outage = [ConnectionError(word) for word in ("first", "second", "third")]

    with pytest.raises(ConnectionError, match="third"):
        patiently(failing(outage), told=lambda error, wait: waits.append(wait), sleep=lambda wait: None)
    assert len(waits) == 2


def test_a_mistake_is_raised_at_once() -> None:
    waits: list[float] = []

    with pytest.raises(SourceError, match="no such file"):
        patiently(
            failing([SourceError("no such file")]), told=lambda error, wait: waits.append(wait), sleep=waits.append
        )
    assert not waits


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (caused(SourceError("s3://b: cannot be read"), ConnectionError()), True),
        (caused(LakeError("the lake cannot use /mnt"), OSError(errno.ESTALE, "stale")), True),
        (OperationalError("select 1", {}, Exception("database is locked")), True),
        (caused(SourceError("no such file"), FileNotFoundError()), False),
        (OSError(errno.ENOSPC, "no space left"), False),
        (KeyError("income"), False),
    ],
)
def test_what_passes_is_told_by_the_cause(error: Exception, passing: bool) -> None:
    assert is_passing(error) is passing
