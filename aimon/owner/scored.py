"""A day of which the owner sees scores only: opened, judged here, and handed back as records. Never a count.

The owner gets no envelopes, because whoever has the key could read them; that scores follow from their envelopes is for
an auditor to check.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from aimon.clock import now
from aimon.daily.judging import Judged, keep_judged
from aimon.daily.recalled import told_day
from aimon.daily.reporting import write_reports
from aimon.daily.sealed_answers import Answer, as_told
from aimon.daily.window import current_slot
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.owner.gates import Gates
from aimon.owner.outcome import Outcome, handed
from aimon.owner.server import Server, Waiting
from aimon.platform import Platform
from aimon.sealed.score_gate import STEPS, ScoreGate
from aimon.sealed.scores import ScoreManifest
from aimon.spec.model import ModelSpec
from aimon.verdict.scored import Scored, evaluate_scores, evaluate_withheld

NOISE = 1e-4
"""How far a score may lie from that of the counts in the clear, by the scheme and its polynomial."""


def judged_scores(
    platform: Platform, server: Server, gates: Gates, spec: ModelSpec, waiting: Waiting
) -> tuple[Answer, Outcome]:
    """The answer, and what became of it. WithheldError where the day is withheld."""
    gate, scores = gates.of_scores(spec), server.scores(waiting)
    judged = list(judged_windows(spec, gate, scores.manifest, gate.open(scores)))
    as_of = current_slot(now())
    for family in Family:
        found = [each for each in judged if each.record.family is family]
        keep_judged(
            platform, spec, waiting.day, family, found, baseline_id=None, grid_id=None, as_of=as_of, run_id=None
        )
    page = write_reports(platform, told_day(spec, judged, waiting.day, as_of, ""))[Form.HTML].url
    told = tuple(map(as_told, judged))
    answer = Answer(manifest_id=waiting.manifest_id, release="scores", as_of=as_of, records=told)
    return answer, Outcome(waiting, handed(answer.release, judged), page=page)


def judged_windows(
    spec: ModelSpec, gate: ScoreGate, manifest: ScoreManifest, opened: Mapping[str, Mapping[str, float] | str]
) -> Iterator[Judged]:
    """Every record of every window, by the scores that are told to the server."""
    plan = gate.plan
    bins = {column: int(np.max(cells)) + 1 for column, cells in plan.bins.items()}
    for window, found in opened.items():
        named = manifest.windows[window]
        if isinstance(found, str):
            records = evaluate_withheld(spec, bins, named.rows, found)
        else:
            scored = Scored(
                scores=gate.told(named, found),
                bins=bins,
                features=plan.features,
                n_reference=plan.rows,
                n_current=named.rows,
                step=1.0 / STEPS + NOISE,
            )
            records = evaluate_scores(spec, scored)
        yield from (Judged(window, record) for record in records)
