"""A change point in a sentence. In: the name of the series and its change. Out: text with the day and its interval."""

from aimon.insight.changepoints import ChangePoint, Kind

_WHAT = {Kind.LEVEL: "level", Kind.SLOPE: "change per day", Kind.SPREAD: "spread"}


def change_words(series: str, change: ChangePoint) -> str:
    """What changed, when, and how sure the day is.

    >>> from datetime import date
    >>> days = {"day": date(2026, 11, 12), "earliest": date(2026, 11, 11), "latest": date(2026, 11, 13)}
    >>> change_words("psi of income", ChangePoint(**days, kind=Kind.LEVEL, before=0.012, after=0.314, gain=40.0))
    'psi of income changed on 2026-11-12 (2026-11-11 to 2026-11-13): its level went from 0.012 to 0.314.'
    """
    between = f" ({change.earliest} to {change.latest})" if change.earliest != change.latest else ""
    moved = f"its {_WHAT[change.kind]} went from {change.before:.3g} to {change.after:.3g}"
    return f"{series} changed on {change.day}{between}: {moved}."
