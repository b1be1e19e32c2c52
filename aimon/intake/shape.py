"""What a prediction of one model looks like when it arrives. In: a JSON object. Out: its row and facts, or a refusal.

Fields named after roles go to the columns that the model's file gives these roles; `features` holds all other columns
under their own names. People's ids are hashed, texts are scrubbed and protected attributes are set apart here, before
anything is kept or counted.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from aimon.intake import checks
from aimon.intake.checks import Check, RefusedError, UnfitError, fit
from aimon.intake.facts import Facts
from aimon.intake.parcel import Row
from aimon.privacy.identity import HashKeys
from aimon.privacy.pii import gravity, scrub
from aimon.spec.model import SINGLE_ROLES, Kind, ModelSpec, Task
from aimon.spec.spending import cost_of

ENVELOPE = frozenset({"model", "id", "timestamp", "version", "features", "prediction", "tokens", "cost", "error"})
HASHED = ("user", "session", "input")
MOST_FIELDS = 200
MOST_FEATURES = 2_000
MOST_CLEAN = 20_000
AHEAD = timedelta(hours=24)
DAY_MICROS = 86_400_000_000
KINDS: Mapping[Kind, Check] = {
    Kind.NUMERIC: checks.numeric,
    Kind.BOOLEAN: checks.boolean,
    Kind.CATEGORICAL: checks.single,
    Kind.DATETIME: checks.moment,
    Kind.TEXT: checks.text,
}
ROLES: Mapping[str, Check] = {
    "score": checks.number,
    "label": checks.single,
    "lower": checks.number,
    "upper": checks.number,
    "latency": checks.not_negative,
    "query": checks.name,
    "judge": checks.number,
}


class Shape:
    """The checks of one model, put together once. It remembers short texts that hold nothing personal."""

    def __init__(self, spec: ModelSpec, keys: HashKeys, kept: timedelta) -> None:
        self.spec = spec
        self._keys = keys
        self._kept = kept
        columns = spec.columns
        self.column = {role: getattr(columns, role) or role for role in SINGLE_ROLES}
        shares = spec.task in (Task.BINARY, Task.MULTICLASS)
        self._roles = {**ROLES, "score": checks.share if shares else checks.number}
        self._features, self._closed = _feature_checks(spec)
        self._unscrubbed = _categories(spec)
        self._protected = columns.protected
        self._clean: set[str] = set()
        self._spanned: tuple[datetime | None, tuple[int, int]] = (None, (0, 0))

    def read(self, line: dict[str, Any], now: datetime, ignored: set[str]) -> tuple[date, Row, Facts]:
        """The row and what is to be counted; unknown fields are left out and noted. Raises RefusedError."""
        if len(line) > MOST_FIELDS:
            raise RefusedError(None, f"has more than {MOST_FIELDS} fields")
        own = fit("id", checks.name, line.get("id"))
        micros = self.instant(line.get("timestamp"), now)
        version = fit("version", checks.name, line.get("version") or self.spec.version)
        day, columns = day_of(micros), dict[str, Any]()
        found: list[float] = []
        self._take_features(line.get("features"), columns, found, ignored)
        failed = self._take_error(line, columns, found)
        prediction = self._take_prediction(line, columns, found, failed)
        used = self._take_usage(line, columns, day)
        self._take_others(line, columns, found, ignored)
        apart = {name: columns.pop(name) for name in self._protected if name in columns}
        facts = Facts(
            version,
            micros,
            prediction,
            columns.get(self.column["score"]),
            columns.get(self.column["latency"]),
            failed,
            *used,
            max(found) if found else None,
        )
        return day, (own, micros, version, columns, apart), facts

    def instant(self, value: Any, now: datetime) -> int:
        """When the prediction was made; now, where it does not say."""
        if value is None:
            return _micros(now)
        micros: int = fit("timestamp", checks.instant, value)
        early, late = self.span(now)
        if micros > late:
            raise RefusedError("timestamp", "is more than 24 hours ahead; is the sender's clock right?")
        if micros < early:
            raise RefusedError("timestamp", "is longer ago than retention.predictions keeps rows")
        return micros

    def span(self, now: datetime) -> tuple[int, int]:
        """Between which instants a prediction may have been made; the rows of a request share them."""
        if self._spanned[0] is not now:
            arrived = _micros(now)
            self._spanned = now, (arrived - self._kept // checks.MICROSECOND, arrived + AHEAD // checks.MICROSECOND)
        return self._spanned[1]

    def bounds(self, role: str) -> tuple[float, float]:
        """Between which numbers a role's values lie."""
        if role == "score" and self._roles["score"] is checks.share:
            return 0.0, 1.0
        return (0.0, math.inf) if role in ("latency", "cost", "tokens") else (-math.inf, math.inf)

    def kind(self, column: str) -> Kind | None:
        """The kind that the model declares for a feature."""
        features = self.spec.columns.features
        return features.get(column) if isinstance(features, dict) else None

    def hashed(self, value: str) -> str:
        """A person's or an input's id as it is kept."""
        return self._keys.hash(value)

    def scrubs(self, field: str) -> bool:
        """Whether its texts may hold personal data: those of declared categories and of classes may not."""
        if field in SINGLE_ROLES:
            return field == "prediction" and self.spec.task is Task.GENERATIVE
        return field not in self._unscrubbed

    def is_known(self, column: str) -> bool:
        """Whether a feature of this name is kept."""
        return not self._closed or column in self._features

    def _take_features(self, features: Any, columns: dict[str, Any], found: list[float], ignored: set[str]) -> None:
        if features is None:
            return
        if type(features) is not dict:
            raise RefusedError("features", "expected a JSON object")
        if len(features) > MOST_FEATURES:
            raise RefusedError("features", f"has more than {MOST_FEATURES:,} columns")
        own, closed, clean, unscrubbed = self._features, self._closed, self._clean, self._unscrubbed
        for column, value in features.items():
            check = own.get(column)
            if check is None:
                if closed:
                    ignored.add(column)
                    continue
                check = checks.single
            if value is None:
                columns[column] = None
                continue
            try:
                kept = check(value)
            except UnfitError as error:
                raise RefusedError(column, str(error)) from None
            if type(kept) is str and kept not in clean and column not in unscrubbed:
                kept = self._scrubbed(kept, found)
            columns[column] = kept

    def _take_error(self, line: dict[str, Any], columns: dict[str, Any], found: list[float]) -> bool:
        error = line.get("error")
        if error is None:
            return False
        if type(error) is str:
            columns[self.column["error"]] = self._scrubbed(fit("error", checks.text, error), found)
            return bool(error)
        columns[self.column["error"]] = fit("error", checks.boolean, error)
        return bool(error)

    def _take_prediction(
        self, line: dict[str, Any], columns: dict[str, Any], found: list[float], failed: bool
    ) -> str | None:
        value = line.get("prediction")
        if value is None:
            if not failed:
                raise RefusedError("prediction", "is missing")
            return None
        kept = fit("prediction", checks.single, value)
        if type(kept) is str and self.spec.task is Task.GENERATIVE:
            kept = self._scrubbed(kept, found)
        columns[self.column["prediction"]] = kept
        return str(kept)

    def _take_usage(
        self, line: dict[str, Any], columns: dict[str, Any], day: date
    ) -> tuple[int, int, int, Decimal | None]:
        """Tokens and cost; where the sender does not say what the tokens cost, the model's prices do."""
        used: tuple[int, int, int] = (0, 0, 0)
        cost: Decimal | None = None
        if line.get("tokens") is not None:
            used = fit("tokens", checks.tokens, line["tokens"])
            columns[self.column["tokens"]] = used[0]
            if type(line["tokens"]) is dict:
                sent = used[0] - used[2]
                cost = cost_of(self.spec.prices, day, sent=sent, cached=used[1], received=used[2])
        if line.get("cost") is not None:
            cost = fit("cost", checks.money, line["cost"])
        if cost is not None:
            columns[self.column["cost"]] = float(cost)
        return (*used, cost)

    def _take_others(
        self, line: dict[str, Any], columns: dict[str, Any], found: list[float], ignored: set[str]
    ) -> None:
        for field, value in line.items():
            if field in ENVELOPE:
                continue
            check = self._roles.get(field)
            if check is not None:
                columns[self.column[field]] = None if value is None else fit(field, check, value)
            elif field in HASHED:
                columns[field] = None if value is None else self.hashed(fit(field, checks.name, value))
            elif field == "text":
                columns[field] = None if value is None else self._scrubbed(fit(field, checks.text, value), found)
            else:
                ignored.add(field)

    def _scrubbed(self, text: str, found: list[float]) -> str:
        if text in self._clean:
            found.append(0.0)
            return text
        scrubbed = scrub(text)
        found.append(gravity(scrubbed.found))
        if not scrubbed.found and len(text) < 40 and len(self._clean) < MOST_CLEAN:
            self._clean.add(text)
        return scrubbed.text


def _micros(moment: datetime) -> int:
    return (moment - checks.EPOCH) // checks.MICROSECOND


def day_of(micros: int) -> date:
    """The UTC day of an instant.

    >>> day_of(1_795_154_400_000_000)
    datetime.date(2026, 11, 20)
    """
    return _day(micros // DAY_MICROS)


def _day(number: int) -> date:
    return date.fromordinal(719_163 + number)


def _feature_checks(spec: ModelSpec) -> tuple[dict[str, Check], bool]:
    """The check of each column that the model declares, and whether there are no others."""
    columns = spec.columns
    declared = columns.features
    own: dict[str, Check] = dict.fromkeys((*columns.protected, *columns.segments), checks.single)
    own |= dict.fromkeys((columns.class_scores or {}).values(), checks.numeric)
    if isinstance(declared, dict):
        own |= {column: KINDS[kind] for column, kind in declared.items()}
    elif declared is not None:
        own |= dict.fromkeys(declared, checks.single)
    return own, declared is not None


def _categories(spec: ModelSpec) -> frozenset[str]:
    """The columns that hold names of classes or groups, not what somebody wrote."""
    columns = spec.columns
    kinds = columns.features if isinstance(columns.features, dict) else {}
    named = (column for column, kind in kinds.items() if kind is Kind.CATEGORICAL)
    return frozenset((*columns.protected, *columns.segments, *named))
