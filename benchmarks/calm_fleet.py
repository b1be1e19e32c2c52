"""A fleet of models, a day at a time, as counts on their grids: noise as it really is, and faults that were planted.

Noise: weeks and seasons in volume and mix, day effects on every mean, holidays, days with little data, labels that come
late. A fault has a kind, a span of days, and what of the model it changes. Counts are drawn as the multinomial that
counting independent rows gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from aimon.clock import DAY
from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.spec.model import Columns, Kind, ModelSpec, Task, Threshold

Counts = NDArray[np.int64]
Law = NDArray[np.float64]
Tables = dict[TableKey, Counts]

NUMERIC = ("income", "age", "amount")
REGIONS = ("north", "south", "east", "west", "centre")
BASELINE_DAYS = 28
COST_A_ROW = 0.01
ROUND_UP = 1.35
"""How far above the cost of a busy day its limit lies."""


@dataclass(frozen=True, slots=True)
class State:
    """What a day of a model is like; the defaults are a quiet one."""

    volume: float = 1.0
    means: tuple[float, float, float] = (0.0, 0.0, 0.0)
    nulls: tuple[float, float, float] = (0.01, 0.01, 0.01)
    regions: tuple[float, ...] = (0.3, 0.25, 0.2, 0.15, 0.1)
    score: float = -0.4
    unfair: float = 0.0
    accuracy: float = 0.85
    labelled: float = 0.98
    latency: float = 0.0
    errors: float = 0.002
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken; `found_as` are the kinds of incidents it may be."""

    model: str
    kind: str
    first: date
    days: int
    column: int = 0
    size: float = 1.0
    found_as: tuple[str, ...] = ()
    horizon: timedelta = timedelta(0)

    @property
    def last(self) -> date:
        return self.first + (self.days - 1) * DAY

    def strength(self, day: date) -> float:
        """How much of the effect is there on the day: a slow drift takes three weeks, all else begins at once."""
        if not self.first <= day <= self.last:
            return 0.0
        return min(1.0, ((day - self.first).days + 1) / 21) if self.kind == "slow drift" else 1.0


@dataclass(slots=True)
class Model:
    """One model: its grid, its size, its habits."""

    name: str
    rows: int
    horizon: timedelta
    grid: Grid
    spec: ModelSpec
    weekend: float
    phase: float
    random: np.random.Generator
    faults: list[Fault] = field(default_factory=list)
    holidays: frozenset[date] = frozenset()
    outages: set[date] = field(default_factory=set)
    """Days on which the source was down for most of the time, as far as they have been drawn."""

    def state(self, day: date) -> State:
        """The day with its noise and its faults."""
        random = self.random
        season = np.sin(2 * np.pi * (day.timetuple().tm_yday / 365.25 + self.phase))
        quiet = day in self.holidays
        weekend = day.weekday() >= 5
        volume = (self.weekend if weekend else 1.0) * (0.35 if quiet else 1.0) * (1 + 0.15 * season)
        if random.random() < 0.004:
            volume *= 0.15
            self.outages.add(day)
        mix = np.array(State().regions) * np.exp(random.normal(0, 0.08, len(REGIONS)))
        mix = mix * (np.array([0.8, 1.0, 1.0, 1.2, 1.2]) if weekend or quiet else 1.0)
        means = tuple(0.12 * season * sign + random.normal(0, 0.06) for sign in (1, -1, 0.5))
        state = {
            "volume": volume * np.exp(random.normal(0, 0.08)),
            "means": means,
            "nulls": tuple(0.01 * np.exp(random.normal(0, 0.4)) for _ in NUMERIC),
            "regions": tuple(mix / mix.sum()),
            "score": State().score + 0.04 * season + random.normal(0, 0.03),
            "accuracy": 0.85 + random.normal(0, 0.008),
            "labelled": 0.98 - (0.12 * random.random() if random.random() < 0.05 else 0.0),
            "latency": 0.05 * season + random.normal(0, 0.05),
            "errors": 0.002 * np.exp(random.normal(0, 0.5)),
            "cost": np.exp(random.normal(0, 0.04)),
        }
        for fault in self.faults:
            strength = fault.strength(day)
            if strength:
                _break(state, fault, strength)
        return State(**state)  # type: ignore[arg-type]

    def draw(self, state: State) -> tuple[Tables, Tables]:
        """The counts of a day's features, and those that need its labels."""
        rows = max(int(self.rows * state.volume), 1)
        features = self._features(rows, state)
        return features, self._outcomes(rows, state)

    def _features(self, rows: int, state: State) -> Tables:
        random = self.random
        tables: Tables = {TableKey("rows"): np.array([rows])}
        for name, mean, nulls in zip(NUMERIC, state.means, state.nulls, strict=True):
            axis = self.grid.axes[name]
            law = np.zeros(axis.size)
            law[: axis.steps] = (1 - nulls) * np.diff(_normal(axis.edges - mean))
            law[axis.null] = nulls
            tables[TableKey(f"column:{name}")] = random.multinomial(rows, law / law.sum())
        regions = np.array([*state.regions, 0.0, 0.0, 0.0])
        tables[TableKey("column:region")] = random.multinomial(rows, regions / regions.sum())
        tables[TableKey("column:s")] = random.multinomial(rows, _scores(self.grid.axes["s"], state.score))
        share = float(_normal(np.array(state.score / 1.2)))
        selection = np.zeros((5, 3), np.int64)
        for place, (size, rate) in enumerate(((rows // 2, share), (rows - rows // 2, share * (1 - state.unfair)))):
            chosen = random.binomial(size, rate)
            selection[place, :2] = size - chosen, chosen
        tables[TableKey("selection:sex")] = selection
        tables[TableKey("column:sex")] = selection.sum(axis=1)
        tables[TableKey("column:y")] = np.array([*selection.sum(axis=0)[:2], 0, 0, 0])
        tables[TableKey("operations:error")] = np.array([rows, 0]) + np.array([-1, 1]) * random.binomial(
            rows, state.errors
        )
        axis = self.grid.axes["ms"]
        slow = np.zeros(axis.size)
        slow[: axis.steps] = np.diff(
            _normal((np.log(np.maximum(axis.edges, 1e-9)) - np.log(0.2) - state.latency) / 0.6)
        )
        tables[TableKey("operations:latency")] = random.multinomial(rows, slow / slow.sum())
        tables[TableKey("operations:cost")] = np.array([rows, int(rows * COST_A_ROW * state.cost * 1e6)])
        return tables

    def _outcomes(self, rows: int, state: State) -> Tables:
        random = self.random
        labelled = random.binomial(rows, state.labelled)
        share = float(_normal(np.array(state.score / 1.2)))
        right, chosen = random.binomial(labelled, state.accuracy), 0
        law = np.array(
            [(1 - share) * right, share * (labelled - right) / 2, (1 - share) * (labelled - right), share * right]
        )
        law[1], law[2] = (labelled - right) * share, (labelled - right) * (1 - share)
        confusion = random.multinomial(labelled, law / max(law.sum(), 1.0)) if labelled else np.zeros(4, np.int64)
        tn, fp, fn, tp = (int(each) + chosen for each in confusion)
        return {
            TableKey("rows"): np.array([rows]),
            TableKey("labelled"): np.array([labelled, rows - labelled]),
            TableKey("confusion"): np.array([[tn, fn], [fp, tp]]),
        }


def _break(state: dict[str, object], fault: Fault, strength: float) -> None:
    """What the fault does to the day."""
    size = fault.size * strength
    match fault.kind:
        case "drift" | "slow drift":
            state["means"] = _at(state["means"], fault.column, size)
        case "mix":
            state["regions"] = (0.1, 0.1, 0.2, 0.2, 0.4)
        case "broken feed":
            state["nulls"] = tuple(max(each, size) for each in state["nulls"])  # type: ignore[attr-defined]
            state["score"] = float(state["score"]) + 0.8  # type: ignore[arg-type]
            state["accuracy"] = float(state["accuracy"]) - 0.15  # type: ignore[arg-type]
        case "unfair":
            state["unfair"] = size
        case "performance":
            state["accuracy"] = float(state["accuracy"]) - size  # type: ignore[arg-type]
        case "labels":
            state["labelled"] = 1.0 - size
        case "latency":
            state["latency"] = float(state["latency"]) + size  # type: ignore[arg-type]
        case "errors":
            state["errors"] = size
        case "cost":
            state["cost"] = 1.0 + size


def _at(values: object, place: int, added: float) -> tuple[float, ...]:
    return tuple(each + (added if number == place else 0.0) for number, each in enumerate(values))  # type: ignore[arg-type, var-annotated]


def _normal(x: Law) -> Law:
    from scipy.special import ndtr

    return np.asarray(ndtr(x), np.float64)


def _scores(axis: object, mean: float) -> Law:
    assert isinstance(axis, ProbabilityAxis)  # noqa: S101 - for the type only
    edges = np.clip(axis.edges, 1e-12, 1 - 1e-12)
    law = np.zeros(axis.size)
    law[: axis.steps] = np.diff(_normal((np.log(edges / (1 - edges)) - mean) / 1.2))
    return np.maximum(law, 0.0) / law.sum()


def make_model(number: int, seed: int) -> Model:
    """A model of the fleet."""
    random = np.random.default_rng([seed, number])
    rows = int(random.choice([2_000, 4_000, 8_000, 20_000]))
    numeric = {name: NumericAxis(center=0.0, scale=1.349, low=-5.5, high=5.5) for name in NUMERIC}
    axes = {
        **numeric,
        "region": CategoryAxis(values=REGIONS),
        "s": ProbabilityAxis(),
        "y": CategoryAxis(values=("0", "1")),
        "sex": CategoryAxis(values=("f", "m")),
        "ms": NumericAxis(center=0.2, scale=0.2, low=0.0, high=60.0),
        "t": CategoryAxis(values=("0", "1")),
    }
    kinds = {name: Kind.NUMERIC if name in (*NUMERIC, "s", "ms") else Kind.CATEGORICAL for name in axes}
    grid = Grid(
        task=Task.BINARY,
        axes=axes,
        kinds=kinds,
        prediction="y",
        score="s",
        label="t",
        features=(*NUMERIC, "region"),
        protected=("sex",),
        latency="ms",
        error="e",
        cost="c",
        positive=("1",),
        label_positive=("1",),
    )
    horizon = timedelta(days=int(random.choice([0, 3, 14])))
    busiest = rows * COST_A_ROW * 1.15
    spec = ModelSpec(
        model=f"model-{number:02}",
        version="1",
        task=Task.BINARY,
        columns=Columns(prediction="y", score="s", label="t", protected=("sex",), features=(*NUMERIC, "region")),
        positive="1",
        label_horizon=horizon,
        thresholds={"cost_usd": Threshold(warning=busiest * ROUND_UP, critical=busiest * 2 * ROUND_UP)},
    )
    return Model(spec.model, rows, horizon, grid, spec, float(random.uniform(0.4, 0.8)), float(random.random()), random)


def plant(model: Model, first: date, days: int, every: int) -> None:
    """Plant about one fault in `every` days, none of them near another."""
    kinds = (
        ("drift", 10, 30, (0.6, 1.0), ("drift",)),
        ("slow drift", 30, 45, (0.8, 1.1), ("drift",)),
        ("mix", 10, 25, (1.0, 1.0), ("drift",)),
        ("broken feed", 2, 7, (0.3, 0.6), ("data",)),
        ("unfair", 10, 25, (0.3, 0.4), ("unfair",)),
        ("performance", 10, 25, (0.12, 0.2), ("performance",)),
        ("labels", 4, 8, (0.5, 0.8), ("labels",)),
        ("latency", 2, 6, (1.5, 2.0), ("operations",)),
        ("errors", 1, 4, (0.06, 0.12), ("operations",)),
        ("cost", 3, 8, (1.5, 2.5), ("budget",)),
        ("silence", 1, 3, (1.0, 1.0), ("silence",)),
        ("failed step", 1, 1, (1.0, 1.0), ("failure",)),
    )
    random, day, before = model.random, first + timedelta(days=int(model.random.integers(5, 20))), None
    while True:
        others = [each for each in kinds if each[4] != before]  # the same soon again would be the same incident
        kind, least, most, (small, large), found_as = others[int(random.integers(len(others)))]
        before = found_as
        length = int(random.integers(least, most + 1))
        needs_labels = kind in ("performance", "labels")
        horizon = model.horizon if needs_labels else timedelta(0)
        if day + length * DAY + horizon + 4 * DAY > first + days * DAY:
            return
        column, size = int(random.integers(3)), float(random.uniform(small, large))
        model.faults.append(Fault(model.name, kind, day, length, column, size, found_as, horizon))
        day += (length + int(random.integers(every // 2, every * 2))) * DAY + horizon


def baseline_of(model: Model, first: date) -> Profile:
    """The counts of the four weeks before the first day, without faults."""
    tables: Tables = {}
    for offset in range(1, BASELINE_DAYS + 1):
        for part in model.draw(model.state(first - offset * DAY)):
            for key, counts in part.items():
                if key != TableKey("rows") or "labelled" not in {table.table for table in part}:
                    tables[key] = tables.get(key, np.zeros_like(counts)) + counts
    return Profile(model.grid.id, tables)


def fleet(models: int, first: date, days: int, seed: int, every: int) -> Iterator[Model]:
    """The models, each with the faults of its year."""
    random = np.random.default_rng(seed)
    shared = {
        first + timedelta(days=int(each)) for each in random.choice(days, max(days * 10 // 365, 1), replace=False)
    }
    for number in range(models):
        model = make_model(number, seed)
        model.holidays = frozenset(shared)
        plant(model, first, days, every)
        yield model
