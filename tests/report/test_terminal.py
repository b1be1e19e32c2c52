import io

import numpy as np
import pytest
from rich.console import Console

from aimon.report.findings import findings
from aimon.report.terminal import legible, show
from aimon.verdict.record import Family, Record, Verdict

RNG = np.random.default_rng(3)


@pytest.fixture
def shown(one_column):
    """`shown(records, every)` -> what the terminal would show."""
    grid, before, after = one_column(RNG.normal(size=2_000).tolist(), (RNG.normal(size=2_000) + 1.08).tolist())

    def print_it(records, *, every=False, **more):
        console = Console(file=io.StringIO(), width=100)
        show(console, findings(grid, records, before, after), facts=["reference a.csv"], every=every, **more)
        return console.file.getvalue()

    return print_it


def psi(column="x", verdict=Verdict.CRITICAL, **more):
    return Record(family=Family.DRIFT, metric="psi", column=column, value=0.5, threshold=0.25, verdict=verdict, **more)


def test_the_answer_comes_first_in_words_then_the_worst(shown):
    lines = [line.rstrip() for line in shown([psi("calm", Verdict.OK), psi()]).splitlines()]
    assert lines[0] == "reference a.csv"
    assert lines[2] == "◆ 1 of 2 columns drifted: x."
    assert lines[4].startswith(" ◆ critical  x  shifted up by 0.8 reference IQRs")
    assert "PSI 0.5 (limit 0.25)" in lines[5]


def test_what_is_fine_is_counted_and_shown_only_on_request(shown):
    records = [psi("calm", Verdict.OK), psi()]
    assert "1 other result without anything worth a note" in " ".join(shown(records).split())
    assert "calm" not in shown(records)
    assert "✓ ok" in shown(records, every=True)


def test_nothing_wrong_is_one_line(shown):
    text = shown([psi(verdict=Verdict.OK)])
    assert "✓ None of 1 columns drifted." in text
    assert "critical" not in text


def test_how_columns_were_understood_is_said_last(shown):
    assert shown([psi()], understood=["numeric: x"]).rstrip().endswith("numeric: x")


def test_a_finding_of_segments_too_says_where(shown):
    text = " ".join(shown([psi(), psi(segment="channel=web"), psi("y", segment="channel=app")]).split())
    assert "also in channel=web" in text
    assert "in segments only: y in channel=app" in text


def test_escape_sequences_in_names_are_harmless(shown):
    nasty = "\x1b[2J\x07name\u202e"
    text = shown([psi(nasty)])
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "name" in text
    assert legible("plain ünïcode 東京\ttab") == "plain ünïcode 東京 tab"


def test_markup_in_names_is_shown_as_it_is(shown):
    assert "[red]x[/red]" in shown([psi("[red]x[/red]")])
