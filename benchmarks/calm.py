"""Whether every fault is one incident, soon found, and nothing else is told: a fleet's year through the product's code.

The same year by the rule that most tools begin with, "every failed check notifies", stands beside it.
"""

import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from aimon.clock import DAY
from aimon.clock import days as days_of
from aimon.incident.cause import Cause, Kind
from aimon.incident.found import window_length
from aimon.store import findings, incidents
from aimon.store.findings import Finding
from aimon.store.incidents import Incident
from benchmarks.calm_fleet import NUMERIC, Fault, Model, fleet
from benchmarks.calm_replay import Replay, replay
from benchmarks.calm_truth import detectable
from benchmarks.measure import arguments, report

FIRST = date(2025, 1, 1)
QUARTER = 365.25 / 4
LINGERS = timedelta(days=40)
"""How long after a fault its longer windows may still speak of it."""

MOST_NOTICES = 3
MOST_DELAY = 1
MOST_FALSE_PAGES = 1
"""The bars: of a fault, in windows, and of a model in a quarter."""

ALARMS = frozenset({"opened", "reopened", "surfaced", "worsened", "escalated"})


@dataclass(frozen=True, slots=True)
class Score:
    """How one fault was found."""

    fault: Fault
    incidents: tuple[int, ...]
    delay: int | None
    notices: int
    shows: bool
    """Whether any day by itself can show it: rows that are missing on a holiday may hide what they cost too much."""

    @property
    def holds(self) -> bool:
        """Whether it is one incident, told in time and not too often; what cannot be seen need not be found."""
        if not self.incidents and not self.shows:
            return True
        told = self.delay is not None and self.delay <= MOST_DELAY
        return len(self.incidents) == 1 and told and self.notices <= MOST_NOTICES


@dataclass(frozen=True, slots=True)
class Told:
    """An incident, what it is about, which days its findings look at, and when people were alarmed by it."""

    incident: Incident
    about: frozenset[str]
    days: tuple[tuple[date, date], ...]
    alarms: tuple[date, ...]

    def alarm_of(self, fault: Fault) -> date | None:
        """The first alarm since the fault began."""
        return next((day for day in self.alarms if day >= fault.first), None)


def told_of(replayed: Replay) -> list[Told]:
    """Every incident of the year, the oldest first."""
    alarms = defaultdict[int, list[date]](list)
    for notice, day in replayed.channel.notices:
        if notice.payload["kind"] in ALARMS:
            alarms[notice.incident_id].append(day)
    with replayed.store.session() as connection:
        opened = incidents.query(connection)[::-1]
        return [_told(each, findings.of_incident(connection, each.id), alarms[each.id]) for each in opened]


def _told(incident: Incident, found: Sequence[Finding], alarms: Sequence[date]) -> Told:
    """A step that fails does so on the morning after the day it was about."""
    about = {str(each.column) for each in found} | {each.metric for each in found}
    since = timedelta(0) if incident.kind == Kind.FAILURE else DAY
    days = {(each.day - window_length(each.window) + since, each.day) for each in found}
    return Told(incident, frozenset(about), tuple(sorted(days)), tuple(sorted(alarms)))


def is_of(fault: Fault, told: Told) -> bool:
    """Whether the incident is what the fault must be found as, looks at its days, and alarmed people of it.

    One that stood already is the fault's if its rise or its return was told; what was told before stays a false page.
    """
    if told.incident.model != fault.model or told.incident.kind not in fault.found_as:
        return False
    if told.alarms and told.alarm_of(fault) is None:
        return False
    if not any(first <= fault.last and fault.first <= last for first, last in told.days):
        return False
    return EXPECTED.get(fault.kind, lambda _: set())(fault) <= told.about


EXPECTED = {
    "drift": lambda fault: {NUMERIC[fault.column]},
    "slow drift": lambda fault: {NUMERIC[fault.column]},
    "mix": lambda _: {"region"},
    "latency": lambda _: {"latency_p95"},
    "errors": lambda _: {"error_rate"},
}


def scored(models: Sequence[Model], replayed: Replay) -> tuple[list[Score], list[Incident], list[tuple[str, date]]]:
    """Each fault with its incidents; the incidents that belong to none; and each false page, its model and day."""
    opened = told_of(replayed)
    scores, owned = list[Score](), dict[int, Fault]()
    for model, fault in ((each, fault) for each in models for fault in each.faults):
        own = [told for told in opened if told.incident.id not in owned and is_of(fault, told)]
        owned |= {told.incident.id: fault for told in own}
        numbers = tuple(told.incident.id for told in own)
        first = min((day for told in own if (day := told.alarm_of(fault)) is not None), default=None)
        shows = detectable(model, fault, FIRST)
        delay = None if first is None else windows_between(model, shows or fault.last + fault.horizon, first)
        told_since = [day for notice, day in replayed.channel.notices if notice.incident_id in numbers]
        scores.append(Score(fault, numbers, delay, sum(day >= fault.first for day in told_since), shows is not None))
    false = [
        (told.incident.model, day)
        for told in opened
        for day in told.alarms
        if told.incident.id not in owned or day < owned[told.incident.id].first
    ]
    return scores, [told.incident for told in opened if told.incident.id not in owned], false


def windows_between(model: Model, since: date, until: date) -> int:
    """How many days later it was; one on which the source was down could show nothing, and does not count."""
    return sum(day not in model.outages for day in days_of(since, until) if day > since)


def speaks_of(fault: Fault, model: str, day: date, check: str) -> bool:
    """Whether a failed check is about the fault, or about what it did to the rest of the model."""
    known_as = {Cause(Kind(kind), model, "").check for kind in fault.found_as}
    checks = known_as | ({"drift", "performance"} if fault.kind == "broken feed" else set())
    return fault.model == model and check in checks and fault.first <= day <= fault.last + LINGERS


def show(scores: Sequence[Score], strangers: Sequence[Incident], false_pages: int) -> None:
    """What each kind of fault became, and what nobody planted."""
    print(f"{'fault':<12} {'planted':>7} {'found':>6} {'one':>5} {'delay':>6} {'notices':>8} {'most':>5}")
    for kind in sorted({score.fault.kind for score in scores}):
        of_kind = [score for score in scores if score.fault.kind == kind]
        delays = [score.delay for score in of_kind if score.delay is not None]
        notices = [score.notices for score in of_kind]
        print(
            f"{kind:<12} {len(of_kind):>7} {sum(bool(s.incidents) for s in of_kind):>6} "
            f"{sum(len(s.incidents) == 1 for s in of_kind):>5} {max(delays, default=-1):>6} "
            f"{np.mean(notices):>8.2f} {max(notices):>5}"
        )
    for score in scores:
        if not score.holds or not score.shows:
            fault = score.fault
            print(
                f"  {fault.model} {fault.kind} {fault.first} to {fault.last}: incidents {score.incidents}, "
                f"delay {score.delay}, notices {score.notices}{'' if score.shows else ', no single day shows it'}"
            )
    print(f"{len(strangers)} incidents of no planted fault, {false_pages} pages about them")
    for incident in strangers[:12]:
        print(f"  {incident.first_day} {incident.last_day} {incident.title}")


def main() -> None:
    asked = arguments(__doc__ or "", strict=True)
    size, days, every = (8, 70, 10) if asked.quick else (20, 365, 45)
    models = list(fleet(size, FIRST, days, asked.seed, every))
    began = time.process_time()
    memory = Path("/dev/shm")  # noqa: S108 - a throw-away database; a disk's patience is not what is measured
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        replayed = replay(models, FIRST, days, Path(folder))
        scores, strangers, false = scored(models, replayed)
        replayed.store.dispose()
    alien = {incident.id for incident in strangers}
    show(scores, strangers, len(false))
    found = [score for score in scores if score.incidents]
    visible = [score for score in scores if score.incidents or score.shows]
    faults = [score.fault for score in scores]
    naive_true = [failed for failed in replayed.failed_checks if any(speaks_of(fault, *failed) for fault in faults)]
    quarters = size * days / QUARTER
    notified = {notice.incident_id for notice, _ in replayed.channel.notices}
    figures = {
        "models": size,
        "days": days,
        "faults": len(scores),
        "recall": len(found) / len(scores),
        "hidden_faults": len(scores) - len(visible),
        "recall_of_detectable": len(found) / len(visible),
        "one_incident_share": sum(len(score.incidents) == 1 for score in scores) / len(scores),
        "precision": len(notified - alien) / max(len(notified), 1),
        "delay_windows": max((score.delay for score in found if score.delay is not None), default=0),
        "mean_delay_windows": float(np.mean([score.delay for score in found if score.delay is not None] or [0])),
        "false_pages_per_model_quarter": len(false) / quarters,
        "most_false_pages_of_a_model_quarter": most_in_a_quarter(false),
        "notices_per_fault": max((score.notices for score in found), default=0),
        "mean_notices_per_fault": float(np.mean([score.notices for score in found] or [0])),
        "naive_notices": len(replayed.failed_checks),
        "naive_notices_per_fault": len(naive_true) / len(scores),
        "naive_false_pages_per_model_quarter": (len(replayed.failed_checks) - len(naive_true)) / quarters,
        "naive_precision": len(naive_true) / max(len(replayed.failed_checks), 1),
        "cpu_s": time.process_time() - began,
    }
    all_hold = judge(scores, most_in_a_quarter(false))
    report("calm", figures)
    if asked.strict and not all_hold:
        sys.exit(1)


def most_in_a_quarter(false: Sequence[tuple[str, date]]) -> int:
    """The most false pages that one model had in one quarter."""
    return max(Counter((model, int((day - FIRST) / DAY / QUARTER)) for model, day in false).values(), default=0)


def judge(scores: Sequence[Score], most_false: int) -> bool:
    """Say which bars hold; whether all do."""
    bars = {
        "every fault that can be seen is one incident": all(
            len(score.incidents) == 1 for score in scores if score.incidents or score.shows
        ),
        f"told within {MOST_DELAY} window of being detectable": all(
            score.delay is not None and score.delay <= MOST_DELAY for score in scores if score.incidents or score.shows
        ),
        f"at most {MOST_NOTICES} notices a fault": all(score.notices <= MOST_NOTICES for score in scores),
        f"at most {MOST_FALSE_PAGES} false page a model and quarter": most_false <= MOST_FALSE_PAGES,
    }
    for bar, held in bars.items():
        print(f"{'holds ' if held else 'MISSED'}  {bar}")
    return all(bars.values())


if __name__ == "__main__":
    main()
