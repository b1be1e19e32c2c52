"""One pass of the owner's agent: open what waits, judge it here, hand back what the policy allows.

Whatever is interrupted is done again: a release is in the ledger before anybody sees it, the same sum has the same
noise, and the server keeps the first answer to a sum. A sum that does not pass the checks is not answered at all, so
that nobody learns from the reason.
"""

from collections.abc import Iterator

from aimon.clock import now
from aimon.daily.counting import keep_counts
from aimon.daily.judging import Judged
from aimon.daily.model_day import ModelDay
from aimon.daily.sealed_answers import Answer, as_told
from aimon.daily.sealed_day import whole_day
from aimon.daily.window import current_slot
from aimon.errors import ConflictError, SealedError, WithheldError
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.owner.gates import Gates
from aimon.owner.outcome import Outcome, handed
from aimon.owner.scored import judged_scores
from aimon.owner.server import Server, Waiting
from aimon.owner.trend import keep_told, trend_records
from aimon.platform import Platform
from aimon.profile.profile import Profile
from aimon.profile.stored import to_bytes
from aimon.profile.tables import is_outcome
from aimon.sealed.evaluator import Manifest
from aimon.sealed.join.outcome import with_labels
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.store import sealed
from aimon.store.sealed import StoredSum


def run_once(platform: Platform, server: Server, gates: Gates) -> Iterator[Outcome]:
    """Answer every sum that waits and belongs to a model of this project, one after the other."""
    for waiting in server.waiting():
        spec = platform.models.get(waiting.model)
        if spec is None or not isinstance(spec.source, SealedSource):
            continue
        try:
            yield answered(platform, server, gates, spec, waiting)
        except ConflictError as error:  # the day got another sum meanwhile: the next pass has it
            yield Outcome(waiting, str(error))
        except SealedError as error:
            yield Outcome(waiting, f"refused: {error}", faulty=True)


def answered(platform: Platform, server: Server, gates: Gates, spec: ModelSpec, waiting: Waiting) -> Outcome:
    """Open one sum, or one day's scores, judge it, and hand back what the model's file allows."""
    is_scored = isinstance(spec.source, SealedSource) and spec.source.release == "scores"
    try:
        made = judged_scores if is_scored else judged_counts
        answer, outcome = made(platform, server, gates, spec, waiting)
    except WithheldError as error:
        answer = Answer(manifest_id=waiting.manifest_id, release="withheld", as_of=now(), reason=str(error))
        outcome = Outcome(waiting, f"withheld: {error}")
    server.answer(waiting, answer.model_dump_json().encode())
    return outcome


def judged_counts(
    platform: Platform, server: Server, gates: Gates, spec: ModelSpec, waiting: Waiting
) -> tuple[Answer, Outcome]:
    """The answer of a sum's counts, and what became of it."""
    gate, aggregate = gates.of(spec), server.sum(waiting)
    profile = gate.open(aggregate, server.envelopes(aggregate))
    profile, unjoined = labelled(platform, server, gates, spec, waiting, profile)
    note(platform, spec, aggregate.manifest, waiting, gate.sigma)
    judged, page = judge(platform, spec, waiting, profile)
    ahead, untold = trend_records(platform, server, gate, spec, waiting)
    judged += ahead
    if ahead:
        keep_told(platform, spec, waiting, judged)
    answer = handed_back(spec, waiting, profile, judged, gate.sigma)
    said = handed(answer.release, judged)
    said = said if unjoined is None else f"{said}; labels not counted: {unjoined}"
    said = said if untold is None else f"{said}; trend not told: {untold}"
    return answer, Outcome(waiting, said, page=page)


def labelled(
    platform: Platform, server: Server, gates: Gates, spec: ModelSpec, waiting: Waiting, profile: Profile
) -> tuple[Profile, str | None]:
    """The day's counts with its joined labels; why they are left out, if they are. Labels opened before stay.

    The server is not told: whether labels may be released is decided by counts that only the owner can read.
    """
    if waiting.joined_id is None:
        return profile, None
    try:
        gate = gates.of_labels(spec)
        opened = gate.open_day(server.joined(waiting), waiting.model, waiting.day)
        return with_labels(profile, opened.counts, gate.sigma), "; ".join(opened.left_out) or None
    except SealedError as error:
        before = platform.profiles.day(spec.model, waiting.day)
        if before is None or before.grid_id != profile.grid_id:
            return profile, str(error)
        kept = {key: counts for key, counts in before.tables.items() if is_outcome(key.table)}
        return Profile(profile.grid_id, {**kept, **profile.tables}), str(error)


def note(platform: Platform, spec: ModelSpec, manifest: Manifest, waiting: Waiting, sigma: float) -> None:
    """Remember the noise of the day, which its intervals and those of its windows need."""
    made = StoredSum(
        model=spec.model,
        day=waiting.day,
        manifest_id=waiting.manifest_id,
        envelopes=len(manifest.inputs),
        rows=manifest.rows,
        made_at=now(),
        answer="opened",
        answered_at=now(),
        sigma=sigma,
    )
    with platform.store.transaction() as connection:
        sealed.opened(connection, made)


def judge(platform: Platform, spec: ModelSpec, waiting: Waiting, profile: Profile) -> tuple[list[Judged], str]:
    """Keep the day's counts here, judge it as any day is judged, and write its page for the owner."""
    keep_counts(platform, spec, waiting.day, whole_day(profile))
    day = ModelDay(platform, spec, waiting.day, as_of=current_slot(now()))
    judged = [each for family in Family for each in day.judge(family)]
    return judged, day.report()[Form.HTML].url


def handed_back(spec: ModelSpec, waiting: Waiting, profile: Profile, judged: list[Judged], sigma: float) -> Answer:
    """The answer: counts where the model's file says so, else the records of every window."""
    source = spec.source
    counts = isinstance(source, SealedSource) and source.release == "counts"
    about = {"model": spec.model, "version": spec.version, "day": waiting.day.isoformat()}
    told = {"counts": to_bytes(profile, about)} if counts else {"records": tuple(map(as_told, judged))}
    return Answer.model_validate(
        {
            "manifest_id": waiting.manifest_id,
            "release": "counts" if counts else "verdicts",
            "as_of": current_slot(now()),
            "sigma": sigma,
            **told,
        }
    )
