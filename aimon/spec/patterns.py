"""Patterns in YAML: `loan-*` means every name that begins so. Only `*` and `?` are wild; `[` means itself."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def some_fits(patterns: Iterable[str], values: Iterable[str]) -> bool:
    """Whether a pattern fits a value.

    >>> some_fits(["loan-*"], ["loan-approval"]), some_fits(["[a]"], ["a"])
    (True, False)
    """
    known = list(values)
    return any(fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns for value in known)
