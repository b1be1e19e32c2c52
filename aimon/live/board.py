"""All models as all workers see them together. In: the workers' stored counts. Out: a message for each that changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from aimon import clock
from aimon.live.health import WINDOW_MINUTES, judge
from aimon.live.minute import NANO, Minute, total
from aimon.live.monitor import FORGOTTEN
from aimon.live.state import MINUTE_MICROS, MINUTES, Break, Counts, present, summed, unpacked
from aimon.spec.model import ModelSpec
from aimon.store import live
from aimon.store.live import Used
from aimon.store.store import Store

SKEW = timedelta(seconds=5)
"""How far the clocks of two workers may differ."""
CENT = Decimal("0.000001")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str]
Message = dict[str, Any]


@dataclass(slots=True)
class Board:
    """What was read of the workers' counts; `look` reads what is new."""

    store: Store
    _bytes: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    _updated: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    _counts: dict[Key, dict[str, Counts]] = field(default_factory=dict)
    _seen: datetime = EPOCH
    _day: date | None = None
    _today: Mapping[str, Used] = field(default_factory=dict)
    _week: Mapping[str, Used] = field(default_factory=dict)

    def look(self) -> set[Key]:
        """Read; the models and versions whose counts changed."""
        changed: set[Key] = set()
        now, today = clock.now(), clock.today()
        since = min(self._seen, now) - SKEW  # a clock that was set back writes of earlier instants than were seen
        with self.store.session() as connection:
            for each in live.states(connection, max(since, now - FORGOTTEN)):
                self._seen = max(self._seen, each.updated_at)
                whose = each.worker, each.model, each.version
                self._updated[whose] = each.updated_at
                if self._bytes.get(whose) != each.state:
                    self._bytes[whose] = each.state
                    self._counts.setdefault((each.model, each.version), {})[each.worker] = unpacked(each.state)
                    changed.add((each.model, each.version))
            if changed or self._day != today:
                self._day = today
                self._today = live.used(connection, today, today)
                self._week = live.used(connection, today - timedelta(days=today.weekday()), today)
        self._forget()
        return changed

    def _forget(self) -> None:
        """Leave out the counts of workers that have been gone for long."""
        before = clock.now() - FORGOTTEN
        for worker, model, version in [whose for whose, at in self._updated.items() if at < before]:
            del self._updated[worker, model, version], self._bytes[worker, model, version]
            own = self._counts[model, version]
            del own[worker]
            if not own:
                del self._counts[model, version]

    def keys(self) -> Iterator[Key]:
        """Every model and version of the last hour."""
        yield from sorted(self._counts)

    def message(self, key: Key, spec: ModelSpec | None) -> Message:
        """What is told of a model and version."""
        now = present()
        counts = summed(list(self._counts[key].values()), now)
        held = [each for each in counts.minutes.values() if each.number > now - MINUTES]
        status = judge(held, now)
        lately = total((each for each in held if each.number > now - WINDOW_MINUTES), now)
        return {
            "type": "model",
            "model": key[0] if spec is None else spec.name,
            "version": key[1],
            "at": clock.now().isoformat(timespec="milliseconds"),
            "health": status.health,
            "reason": status.reason,
            "total": counts.total,
            "minutes": WINDOW_MINUTES,
            **_lately(lately),
            "breaks": {"error": _told(counts.error_break), "confidence": _told(counts.confidence_break)},
            "today": _used(self._today.get(key[0], Used()), None if spec is None else spec.budget.daily),
            "week": _used(self._week.get(key[0], Used()), None if spec is None else spec.budget.weekly),
        }


def _lately(seen: Minute) -> Message:
    """The counts of the last minutes."""
    return {
        "calls": seen.calls,
        "errors": seen.errors,
        "error_rate": seen.errors / seen.calls if seen.calls else None,
        "latency_s": {f"p{share}": seen.quantile(share / 100) for share in (50, 95, 99)},
        "confidence": seen.confidence / seen.confident if seen.confident else None,
        "low_confidence_rate": seen.low_confidence / seen.confident if seen.confident else None,
        "classes": dict(sorted(seen.classes.items())),
        "tokens": seen.tokens,
        "cost_usd": str(_usd(seen.cost)),
        "pii_score": 100 * seen.gravity / seen.texts if seen.texts else None,
    }


def _used(used: Used, budget: Decimal | None) -> Message:
    """What a day or week used, for the whole model, and how much of its budget that is."""
    cost = _usd(used.cost_nano_usd)
    return {
        "calls": used.calls,
        "errors": used.errors,
        "tokens": used.tokens,
        "cost_usd": str(cost),
        "unpriced_calls": used.unpriced_calls,
        "budget_usd": None if budget is None else str(budget),
        "budget_used": float(cost / budget) if budget else None,
        "budget": _mark(cost, budget),
    }


def _mark(cost: Decimal, budget: Decimal | None) -> str | None:
    """`ok`, `near` from 80 % on, `spent` from 100 % on."""
    if not budget:
        return None
    return "spent" if cost >= budget else "near" if cost >= budget * Decimal("0.8") else "ok"


def _usd(nano: int) -> Decimal:
    return (Decimal(nano) / NANO).quantize(CENT)


def _told(broke: Break | None) -> Message | None:
    """When a stream last was not what it had been, by ADWIN."""
    if broke is None:
        return None
    at = EPOCH + timedelta(microseconds=broke[0] * MINUTE_MICROS)
    return {"at": clock.iso(at), "before": broke[1], "after": broke[2]}
