"""Random tables compared, judged and printed. AIMON_FUZZ_TABLES sets how many; 10,000 take some minutes."""

import io
import json
import math
import os
import re

import pytest
from rich.console import Console

from aimon.clock import instant
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.report.document import document
from aimon.report.findings import findings
from aimon.report.page import render_report
from aimon.report.terminal import show
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Verdict
from tests.profile.random_tables import random_pair

TABLES = int(os.environ.get("AIMON_FUZZ_TABLES", "100"))
BATCHES = 10
PAGES = 10
"""One table in so many is drawn as a page."""
AS_OF = instant("2026-11-20T00:00:00Z")
NUMBERS = ("value", "low", "high", "p_value", "p_adjusted", "threshold")
UNTOLD = {Verdict.INSUFFICIENT, Verdict.NOT_ESTIMABLE, Verdict.UNSUPPORTED}
NO_NUMBER = re.compile(r"\b(not a number|infinite)\b(?! share)")


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.filterwarnings("error")
def test_any_two_tables_are_compared_in_numbers_or_in_words_that_say_why_not(batch: int) -> None:
    for seed in range(batch, TABLES, BATCHES):
        spec, reference, current = random_pair(seed)
        grid = build_grid(spec, reference)
        baseline, counted = count_all(grid, reference), count_all(grid, current)
        records = evaluate(spec, grid, baseline, counted)
        assert records, seed
        for record in records:
            values = [getattr(record, name) for name in NUMBERS]
            assert all(value is None or math.isfinite(value) for value in values), (seed, record)
            assert record.value is not None or (record.verdict in UNTOLD and record.reason), (seed, record)
        printed = io.StringIO()
        found = findings(grid, records, baseline, counted)
        show(Console(file=printed, width=120), found, facts=[], every=True)
        text = printed.getvalue()
        rows = {"reference_rows": baseline.rows, "current_rows": counted.rows}
        text += json.dumps(document(spec, records, **rows, as_of=AS_OF), allow_nan=False)
        if seed % PAGES == 0:
            text += render_report("fuzz", spec, records, baseline, counted, grid, as_of=AS_OF)
        assert NO_NUMBER.search(text) is None, seed
