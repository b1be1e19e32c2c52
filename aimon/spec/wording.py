"""How a sentence to the user names things: a value that was found, a list of choices, the name that was meant."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

_LONGEST_QUOTE = 60
_MOST_CHOICES = 16


def quoted(text: str) -> str:
    r"""The text in quotation marks, on one line and not longer than a glance.

    >>> print(quoted("two\nlines"), quoted("it's"))
    'two\nlines' "it's"
    """
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "...")


def found(value: Any) -> str:
    """Say what stands where something else was expected.

    >>> found(2.3), found(None), found("x"), found([1])
    ('the number 2.3', 'nothing', "the text 'x'", 'a list')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {quoted(str(value))[1:-1]}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    names = ((Mapping, "a mapping"), ((list, tuple), "a list"))
    return next((name for kind, name in names if isinstance(value, kind)), f"a {type(value).__name__}")


def listed(names: Iterable[str], last: str = "or") -> str:
    """Join names as people do; a long list is cut.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    known = list(names)
    if len(known) > _MOST_CHOICES:
        return f"{', '.join(known[:_MOST_CHOICES])} and {len(known) - _MOST_CHOICES} more"
    return f" {last} ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that was probably meant, if one is near enough.

    >>> nearest("protcted", ["prediction", "protected"])
    'protected'
    """
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "known are") -> str:
    """The end of a sentence about an unknown name: the near one, or all there are.

    >>> did_you_mean("tsk", ["task", "model"]), did_you_mean("zzz", ["task", "model"])
    ("did you mean 'task'?", 'known are model and task')
    """
    choices = sorted(known)
    near = nearest(name, choices)
    if near is not None:
        return f"did you mean {quoted(near)}?"
    return f"{otherwise} {listed(choices, 'and')}" if choices else "there are none"
