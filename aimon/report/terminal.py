"""The findings on a terminal: the answer first, then the worst, and nothing about what is fine unless asked."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from aimon.metrics.numerals import several
from aimon.report.findings import Finding, Findings
from aimon.report.sentences import VERDICTS
from aimon.verdict.record import Verdict

STYLES = {
    Verdict.CRITICAL: ("◆", "bold red"),
    Verdict.WARNING: ("▲", "yellow"),
    Verdict.WATCH: ("○", "blue"),
    Verdict.OK: ("✓", "green"),
    Verdict.INSUFFICIENT: ("-", "dim"),
    Verdict.NOT_ESTIMABLE: ("-", "dim"),
    Verdict.UNSUPPORTED: ("-", "dim"),
}


def show(
    console: Console, found: Findings, *, facts: Sequence[str], understood: Sequence[str] = (), every: bool
) -> None:
    """Print the answer and the findings; with `every`, those that are fine too. Last, how columns were understood."""
    console.print(_answer(found, facts, every=every))
    for line in understood:
        console.print(Text(legible(line), style="dim"))


def _answer(found: Findings, facts: Sequence[str], *, every: bool) -> RenderableType:
    mark, style = STYLES[found.worst]
    shown = found.all if every else found.noteworthy
    parts: list[RenderableType] = [Text(legible(fact), style="dim") for fact in facts]
    parts += [Text(), Text.assemble((f"{mark} ", style), (legible(found.headline), "bold")), Text()]
    if shown:
        parts += [_table(shown), Text()]
    left = len(found.all) - len(shown)
    if left:
        parts += [
            Text(f"{several(left, 'other result')} without anything worth a note; --all shows them.", style="dim")
        ]
        parts += [Text()]
    return Group(*parts)


def _table(shown: Sequence[Finding]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=36)
    table.add_column(overflow="fold", ratio=1)
    for finding in shown:
        mark, style = STYLES[finding.verdict]
        words = Text(legible(finding.sentence))
        if finding.background:
            words.append(f"\n{legible(finding.background)}", style="dim")
        verdict = Text(f"{mark} {VERDICTS[finding.verdict]}", style=style)
        table.add_row(verdict, Text(legible(finding.title), style="bold"), words)
    return Padding(table, (0, 0, 0, 1))


def legible(text: str) -> str:
    r"""The text without control characters: a category's name must not move the cursor or colour the screen.

    >>> legible("a\x1b[31mb\tc")
    'a�[31mb c'
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
