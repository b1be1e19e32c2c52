"""`$NAME` in paths and URLs, taken from the environment, and the same texts fit to be shown.

A value from the environment goes into the URL as it is: a password needs no escaping, whatever it holds.
"""

import os
import re
from collections.abc import Callable

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from aimon.errors import SourceError

_NAME = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_USERINFO = re.compile(r"(?<=://)([^/@\s:]*):([^/@\s]*)@")


def expand(text: str) -> str:
    """Put the environment's values in place of `$NAME` and `${NAME}`; `$$` is a dollar sign.

    >>> os.environ["AIMON_DOCTEST"] = "loans"
    >>> expand("data/$AIMON_DOCTEST/${AIMON_DOCTEST}-*.csv costs $$5")
    'data/loans/loans-*.csv costs $5'
    """
    return _replace(text, lambda value: value)


def masked(text: str) -> str:
    """The text as it may be shown: no password or secret before the host.

    >>> masked("s3://key:secret@bucket/loans")
    's3://key:***@bucket/loans'
    """
    return _USERINFO.sub(r"\1:***@", text)


def expand_url(text: str) -> URL:
    """Read a database URL with the environment's values in it: the whole URL may be a variable, or any part of it."""
    values: dict[str, str] = {}

    def stand_in(value: str) -> str:
        number = str(90_000_000 + len(values))  # digits may stand in every part of a URL, the port too
        values[number] = value
        return number

    whole = _NAME.fullmatch(text.strip()) is not None
    try:
        url = make_url(expand(text.strip()) if whole else _replace(text.strip(), stand_in))
        return url if whole else _filled(url, values)
    except (ArgumentError, ValueError):
        # The cause is left out: its text may hold the password.
        raise SourceError(
            "source.url is not a database URL; write, for example, postgresql://$USER:$PASSWORD@host/database"
        ) from None


def _filled(url: URL, values: dict[str, str]) -> URL:
    def fill(part: str) -> str:
        return re.sub("|".join(values), lambda found: values[found[0]], part) if values else part

    def fill_query(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return fill(value) if isinstance(value, str) else tuple(fill(one) for one in value)

    return url.set(
        drivername=fill(url.drivername),
        username=None if url.username is None else fill(url.username),
        password=None if url.password is None else fill(str(url.password)),
        host=None if url.host is None else fill(url.host),
        port=None if url.port is None else int(fill(str(url.port))),
        database=None if url.database is None else fill(url.database),
        query={name: fill_query(value) for name, value in url.query.items()},
    )


def _replace(text: str, use: Callable[[str], str]) -> str:
    def value(found: re.Match[str]) -> str:
        dollar, braced, bare = found.groups()
        if dollar:
            return "$"
        name = braced or bare
        if name not in os.environ:
            raise SourceError(
                f"{masked(text)}: ${name} is not set in the environment; set it, or write $$ for a dollar sign"
            )
        return use(os.environ[name])

    return _NAME.sub(value, text)
