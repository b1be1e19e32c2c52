"""Drift where the owner may see scores only. In: a plan, sealed shares. Out: sealed scores with their manifest.

The score is the symmetric chi-square, the sum of (p - q)^2 / (p + q) over at most 10 bins of a column, by a polynomial
of degree 23 under CKKS. Each bin has at least a tenth of the reference, so that p / q stays in the polynomial's range.
The server knows the reference's shares q here; it does not know p nor the scores.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from pydantic import BaseModel, ConfigDict

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import check_alike
from aimon.sealed.framing import framed, parts
from aimon.sealed.manifest import Identified, read_manifest
from aimon.sealed.score_plan import COLUMNS, LEAST_SHARE, ScorePlan
from aimon.sealed.seal.adding import digest, total
from aimon.sealed.seal.real import DRIFT, Reals, RealServer

MAGIC, TOTAL_MAGIC = b"aimon-scores-1\n", b"aimon-score-total-1\n"
DEGREE = 23
OWN = "1d"
"""The window that is the day itself."""


class TotalManifest(Identified):
    """Whose envelopes were added, and the rows of each."""

    model: str
    key_id: str
    plan_id: str
    inputs: dict[str, int]


class Total(BaseModel):
    """A day's envelopes, added; of several days more is added without looking at envelopes again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: TotalManifest
    ciphertext: bytes

    def to_bytes(self) -> bytes:
        """As a file."""
        return framed(TOTAL_MAGIC, self.manifest.model_dump_json().encode(), [self.ciphertext])


class WindowManifest(Identified):
    """What the scores of a window were made of: the rows of each envelope; `digest` is of the ciphertext."""

    inputs: dict[str, int]
    digest: str

    @property
    def rows(self) -> int:
        """How many rows went in."""
        return sum(self.inputs.values())


class ScoreManifest(Identified):
    """The scores of every window that ends with a day."""

    model: str
    key_id: str
    plan_id: str
    parameters: str
    day: date
    windows: dict[str, WindowManifest]

    @property
    def inputs(self) -> dict[str, int]:
        """The day's own envelopes, and the rows of each."""
        return self.windows[OWN].inputs

    @property
    def rows(self) -> int:
        """The day's own rows."""
        return self.windows[OWN].rows


class Scores(BaseModel):
    """Scores, still sealed: a ciphertext a window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: ScoreManifest
    ciphertexts: dict[str, bytes]

    def to_bytes(self) -> bytes:
        """As a file."""
        blobs = [self.ciphertexts[window] for window in self.manifest.windows]
        return framed(MAGIC, self.manifest.model_dump_json().encode(), blobs)


def read_scores(content: bytes, name: str) -> Scores:
    """The scores of a file's bytes; SealedError with what is wrong with it, by its name."""
    header, blobs = parts(MAGIC, content, name, "file of sealed scores")
    manifest = read_manifest(ScoreManifest, header, name)
    if len(blobs) != len(manifest.windows) or OWN not in manifest.windows:
        raise SealedError(f"{name}: it holds other windows than its manifest names")
    return Scores(manifest=manifest, ciphertexts=dict(zip(manifest.windows, blobs, strict=True)))


def totalled(envelopes: Sequence[Envelope]) -> Total:
    """The sum of the envelopes, each once."""
    chosen = sorted(envelopes, key=lambda each: each.id)
    check_alike(chosen, "scores")
    first = chosen[0].header
    manifest = TotalManifest(
        model=first.model,
        key_id=first.key_id,
        plan_id=first.layout_id,
        inputs={each.id: each.header.rows for each in chosen},
    )
    return Total(manifest=manifest, ciphertext=total(DRIFT, (each.ciphertexts[0] for each in chosen)))


def read_total(content: bytes, name: str) -> Total:
    """The sum of a file's bytes."""
    header, blobs = parts(TOTAL_MAGIC, content, name, "sum of sealed shares")
    return Total(manifest=read_manifest(TotalManifest, header, name), ciphertext=blobs[0])


def score(plan: ScorePlan, day: date, windows: Mapping[str, Sequence[Total]], server: RealServer) -> Scores:
    """The score of every column over each window, which is the sums of its days together."""
    made, ciphertexts = {}, {}
    first = windows[OWN][0].manifest
    for window, days in windows.items():
        inputs = together(plan, first, days)
        ciphertexts[window] = _scored(plan, sum(inputs.values()), [each.ciphertext for each in days], server)
        made[window] = WindowManifest(inputs=inputs, digest=digest(ciphertexts[window]))
    manifest = ScoreManifest(
        model=first.model, key_id=first.key_id, plan_id=plan.id, parameters=DRIFT.name, day=day, windows=made
    )
    return Scores(manifest=manifest, ciphertexts=ciphertexts)


def together(plan: ScorePlan, first: TotalManifest, days: Sequence[Total]) -> dict[str, int]:
    """The envelopes of the days with their rows; SealedError where they do not belong together."""
    inputs: dict[str, int] = {}
    for each in (day.manifest for day in days):
        if each.plan_id != plan.id:
            raise SealedError(f"the envelopes are for plan {each.plan_id}, and this one is {plan.id}")
        if (each.model, each.key_id) != (first.model, first.key_id):
            raise SealedError("envelopes of different models or keys are not scored together")
        if not inputs.keys().isdisjoint(each.inputs):
            raise SealedError("an envelope was given for two days; each may be scored once")
        inputs |= each.inputs
    if not sum(inputs.values()):
        raise SealedError("the envelopes hold no rows to score")
    return dict(sorted(inputs.items()))


def _scored(plan: ScorePlan, rows: int, ciphertexts: Sequence[bytes], server: RealServer) -> bytes:
    shares = plan.reference
    factor = np.divide(2.0 * LEAST_SHARE / rows, shares, out=np.zeros_like(shares), where=shares > 0)
    return server.series(ciphertexts, factor, coefficients(), shares, COLUMNS)


def verify_scores(scores: Scores, plan: ScorePlan, envelopes: Sequence[Envelope], server: RealServer) -> None:
    """Score the envelopes again and compare. SealedError names what differs."""
    manifest, given = scores.manifest, {each.id: each for each in envelopes}
    check_inputs(manifest, given)
    totals = {window: [totalled([given[each] for each in named.inputs])] for window, named in manifest.windows.items()}
    again = score(plan, max(given[each].header.day for each in manifest.inputs), totals, server).manifest
    for name in ("model", "key_id", "plan_id", "parameters", "day"):
        if getattr(again, name) != getattr(manifest, name):
            raise SealedError(f"the scores do not follow from their envelopes: {name} differs")
    for window, named in again.windows.items():
        for name in ("inputs", "digest"):
            if getattr(named, name) != getattr(manifest.windows[window], name):
                raise SealedError(f"the scores do not follow from their envelopes: {name} of {window} differs")
        if digest(scores.ciphertexts[window]) != named.digest:
            raise SealedError(f"the scores do not follow from their envelopes: the ciphertext of {window} was changed")


def check_inputs(manifest: ScoreManifest, given: Mapping[str, Envelope]) -> None:
    """SealedError where other envelopes were given than those that the manifest names."""
    used = {each for window in manifest.windows.values() for each in window.inputs}
    for key, each in given.items():
        if key not in used:
            raise SealedError(
                f"the scores do not follow from their envelopes: {each.header.name} is none of the inputs, or its "
                "header was changed since"
            )
    for window, named in manifest.windows.items():
        missing = [each for each in named.inputs if each not in given]
        if missing:
            raise SealedError(
                f"the scores do not follow from their envelopes: the input {missing[0][:16]} of {window} is not among "
                "them"
            )


def coefficients() -> Reals:
    """The Chebyshev series of (x - 1)^2 / (x + 1) for x = p / q from 0 to 10, on t from -1 to 1."""

    def contribution(t: Reals) -> Reals:
        x = (t + 1.0) / (2.0 * LEAST_SHARE)
        return (x - 1.0) ** 2 / (x + 1.0)

    nodes = np.polynomial.chebyshev.chebpts1(DEGREE + 1)
    return np.asarray(np.polynomial.chebyshev.chebfit(nodes, contribution(nodes), DEGREE), np.float64)
