"""Planted segment faults, and how well the search finds them: the segment part of the insight benchmark."""

import time
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from aimon.insight.sample_columns import encoded
from aimon.insight.segments import Segment, worst_segments
from aimon.insight.segments_clause import Clause
from aimon.insight.segments_question import Outcomes
from benchmarks.insight_population import Population, Rng, Rows, draw_rows, population, table

ROWS = 20_000
SMALLEST, LARGEST = 0.03, 0.10
TOP = 3
OVERLAP = 0.5


@dataclass(frozen=True)
class Planted:
    """Two samples, and the current rows in which something was broken."""

    reference: pa.Table
    current: pa.Table
    features: list[str]
    kind: str
    clauses: tuple[Clause, ...]
    broken: np.ndarray


def plant_segment(seed: int, kind: str | None, rows: int = ROWS) -> Planted:
    """A case of the kind (error, drift, volume, unfairness), or one without a fault."""
    rng = np.random.default_rng([seed, 41])
    made = population(seed)
    reference = draw_rows(made, rng, rows)
    current = draw_rows(made, rng, rows)
    if kind is None:
        return Planted(
            table(made, reference, rng), table(made, current, rng), made.features, "none", (), np.zeros(rows, bool)
        )
    clauses, inside = _segment(made, reference, current, rng)
    if kind == "volume":
        current = _grown(current, inside, rng)
        inside = np.logical_and.reduce([_holds(clause, current) for clause in clauses])
    if kind == "drift":
        _shift(made, current, inside, {clause.column for clause in clauses}, rng)
    judged = table(made, current, rng)
    if kind == "error":
        judged = _err(judged, inside & (rng.random(rows) < rng.uniform(0.25, 0.4)))
    if kind == "unfairness":
        treated = inside & (current["sex"] == rng.choice(["female", "male"]))
        judged = _treat(judged, inside, treated & (rng.random(rows) < rng.uniform(0.4, 0.7)))
    return Planted(table(made, reference, rng), judged, made.features, kind, clauses, inside)


def search(case: Planted, seed: int = 0) -> list[Segment]:
    columns = encoded(case.reference, case.current, case.features)
    scores = encoded(case.reference, case.current, ["score"])
    groups = {column.name: column for column in columns if column.name in ("sex", "race")}
    both = pa.concat_tables([case.reference, case.current])
    prediction, label = (both[name].to_numpy().astype(float) for name in ("prediction", "label"))
    outcomes = Outcomes(loss=(prediction != label).astype(float), selected=prediction, groups=groups)
    return worst_segments(columns, outcomes, targets=[*columns, *scores], seed=seed)


def is_found(case: Planted, segments: list[Segment]) -> bool:
    """Whether one of the first three names the planted columns and shares half of its rows with the planted rows."""
    return any(_matches(case, segment) for segment in segments[:TOP])


def segment_figures(seed: int, *, cases: int = 20, calm: int = 100, rows: int = ROWS) -> dict[str, float]:
    """Of planted faults, how many are in the top 3; of cases without one, the share that reports any."""
    kinds = ("error", "drift", "unfairness", "volume")
    found, seconds = 0, []
    for number in range(cases):
        case = plant_segment(1_000 * seed + number, kinds[number % len(kinds)], rows)
        start = time.perf_counter()
        segments = search(case, number)
        seconds.append(time.perf_counter() - start)
        found += is_found(case, segments)
    false = sum(bool(search(plant_segment(1_000 * seed + 500 + number, None, rows), number)) for number in range(calm))
    return {
        "segment_cases": cases,
        "segments_in_top3": found,
        "segment_calm_runs": calm,
        "segment_false_rate": false / calm,
        "segment_search_s": float(np.median(seconds)),
    }


def _matches(case: Planted, segment: Segment) -> bool:
    if segment.fault.value != case.kind:
        return False
    if {clause.column for clause in segment.clauses} != {clause.column for clause in case.clauses}:
        return False
    rows = {name: case.current[name].to_numpy(zero_copy_only=False) for name in case.features}
    inside = np.logical_and.reduce([_holds(clause, rows) for clause in segment.clauses])
    return bool((inside & case.broken).sum() >= OVERLAP * (inside | case.broken).sum())


def _segment(made: Population, reference: Rows, current: Rows, rng: Rng) -> tuple[tuple[Clause, ...], np.ndarray]:
    """One or two random clauses that 3 to 10 % of the rows meet."""
    for _ in range(10_000):
        names = rng.choice(made.features, size=int(rng.integers(1, 3)), replace=False).tolist()
        clauses = tuple(_clause(made, name, reference[name], rng) for name in names)
        if "sex" in names:
            continue
        inside = np.logical_and.reduce([_holds(clause, current) for clause in clauses])
        if SMALLEST <= inside.mean() <= LARGEST and all(_holds(clause, current).mean() <= 0.5 for clause in clauses):
            return clauses, inside
    raise RuntimeError("no segment of the wanted size was drawn")


def _clause(made: Population, name: str, values: np.ndarray, rng: Rng) -> Clause:
    if name not in made.numbers:
        return Clause(name, value=str(rng.choice(np.unique(values))))
    low = rng.uniform(-0.2, 0.9)
    high = low + rng.uniform(0.03, 0.5)
    ends = [float(np.nanquantile(values, end)) if 0 < end < 1 else None for end in (low, high)]
    return Clause(name, *ends) if ends != [None, None] else Clause(name, low=float(np.nanquantile(values, 0.9)))


def _holds(clause: Clause, rows: Rows) -> np.ndarray:
    values = rows[clause.column]
    if clause.missing:
        return np.isnan(values)
    if clause.value is not None:
        return values == clause.value
    low, high = (-np.inf if clause.low is None else clause.low), (np.inf if clause.high is None else clause.high)
    return (values >= low) & (values < high)


def _shift(made: Population, rows: Rows, inside: np.ndarray, taken: set[str], rng: Rng) -> None:
    """A number that the segment does not speak of moves there by about a standard deviation."""
    name = rng.choice([name for name in made.numbers if name not in taken])
    values = rows[name]
    spread = np.subtract(*np.nanquantile(values, [0.75, 0.25])) / 1.35
    values[inside] += rng.choice([-1, 1]) * rng.uniform(0.7, 1.2) * spread


def _grown(rows: Rows, inside: np.ndarray, rng: Rng) -> Rows:
    """The same number of rows, the segment about twice as frequent."""
    weights = np.where(inside, rng.uniform(1.7, 2.5), 1.0)
    chosen = rng.choice(len(inside), len(inside), p=weights / weights.sum())
    return {name: values[chosen] for name, values in rows.items()}


def _err(judged: pa.Table, wrong: np.ndarray) -> pa.Table:
    """Predictions that miss the label."""
    prediction, label = judged["prediction"].to_numpy(), judged["label"].to_numpy()
    return _set(judged, "prediction", np.where(wrong, 1 - label, prediction))


def _treat(judged: pa.Table, inside: np.ndarray, treated: np.ndarray) -> pa.Table:
    """Rows of one sex that are all declined where most are selected, all selected where most are declined."""
    prediction = judged["prediction"].to_numpy()
    return _set(judged, "prediction", np.where(treated, int(prediction[inside].mean() < 0.5), prediction))


def _set(judged: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    return judged.set_column(judged.column_names.index(name), name, pa.array(values))
