"""What sealing costs, in records per CPU second of one core: counts, joined labels, and what others do with records.

Rows have 10 columns of numbers, a group of four values, a prediction and a label; flushes hold 8,192 of them. Beside
them, in the same run: every record as three CKKS ciphertexts, and fairlearn-fhe in an environment of its own. What is
opened at the end is compared with plain counts; the benchmark fails where one differs.
"""

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import tenseal

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import read_envelope
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.join.encoder import JoinEncoder
from aimon.sealed.join.evaluator import join
from aimon.sealed.join.gate import JoinGate
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE, JOIN
from aimon.sealed.seal.secret import SecretKey
from aimon.spec.model import Columns, ModelSpec
from benchmarks.measure import arguments, report
from benchmarks.peers import peers_python
from benchmarks.sealed_coarse import coarse_figures
from benchmarks.sealed_threshold import threshold_figures

FLUSH = 8_192
WIDE = 97
"""Columns of numbers of the wide model; with group, prediction, label and the rest it has 100."""
DAYS = 30
DAY = date(2026, 11, 1)
SEED = bytes(32)
SPEC = ModelSpec(
    model="benchmark",
    task="binary",
    columns=Columns(prediction="prediction", label="label", protected=("group",)),
    positive=1,
)

Runs = dict[str, Callable[[], Any]]


def rows(random: np.random.Generator, n: int, numbers: int = 10) -> pa.Table:
    columns: dict[str, object] = {f"number_{place}": random.normal(place, 1 + place, n) for place in range(numbers)}
    codes = random.integers(0, 4, n).astype(np.int32)
    columns["group"] = pa.DictionaryArray.from_arrays(codes, ["a", "b", "c", "d"]).cast(pa.string())
    chance = random.random(n)
    columns["prediction"] = (chance > 0.5).astype(np.int64)
    columns["label"] = (random.random(n) < chance).astype(np.int64)
    return pa.table(columns)


def cpu_seconds(runs: Runs, rounds: int, times: int) -> dict[str, float]:
    """The median CPU time of each run; every round makes each of them so many times, in turn."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            for _ in range(times):
                run()
            taken[name].append((time.process_time() - start) / times)
    return {name: statistics.median(each) for name, each in taken.items()}


def cube_figures(random: np.random.Generator, grid: Grid, rounds: int) -> dict[str, float]:
    layout, (secret, public) = Layout(grid, CUBE), SecretKey.generate(CUBE)
    encoder = Encoder(layout, public, model="benchmark", version="1", sender="host", number=0)
    flush = rows(random, FLUSH)
    profile = count_all(grid, flush)
    envelopes = [encoder.seal_rows(flush, DAY) for _ in range(40)]
    files = [each.to_bytes() for each in envelopes]
    seconds = cpu_seconds(
        {
            "rows": lambda: encoder.seal_rows(flush, DAY).to_bytes(),
            "encrypt": lambda: encoder.seal(profile, DAY).to_bytes(),
        },
        rounds,
        10,
    )
    seconds |= cpu_seconds(
        {
            "aggregate": lambda: add(envelopes),
            "receive": lambda: [read_envelope(each, "envelope") for each in files],
            "open": lambda: DecryptGate(layout, secret, public.id).open(add(envelopes), envelopes),
        },
        rounds,
        1,
    )
    opened = DecryptGate(layout, secret, public.id).open(add(envelopes), envelopes)
    for key, counts in opened.tables.items():
        if not np.array_equal(counts, profile.tables[key] * len(envelopes)):
            raise RuntimeError(f"{key} was not opened as it was counted")
    many = FLUSH * len(envelopes)
    return {
        "cube_rows_rps": FLUSH / seconds["rows"],
        "cube_encrypt_rps": FLUSH / seconds["encrypt"],
        "cube_bytes_per_record": len(files[0]) / FLUSH,
        "cube_aggregate_rps": many / seconds["aggregate"],
        "cube_receive_rps": many / seconds["receive"],
        "cube_total_rps": 1 / (seconds["rows"] / FLUSH + (seconds["receive"] + seconds["open"]) / many),
    }


def join_figures(random: np.random.Generator, grid: Grid, rounds: int, chunks: int) -> dict[str, float]:
    layout, (secret, public) = JoinLayout(grid, ("group",), JOIN), SecretKey.generate(JOIN)
    encoder = JoinEncoder(layout, public, model="benchmark", version="1", sender="host", number=0)
    flush = rows(random, layout.records)
    sealed = [encoder.records(flush, DAY) for _ in range(chunks)]
    records = [each.envelope for each in sealed]
    labels = [encoder.labels(flush, each.header, each.id) for each in records]
    seconds = cpu_seconds(
        {
            "records": lambda: len(encoder.records(flush, DAY).envelope.to_bytes()),
            "labels": lambda: encoder.labels(flush, records[0].header, records[0].id).to_bytes(),
            "join": lambda: join(records, labels, seed=SEED),
        },
        rounds,
        1,
    )
    opened = JoinGate(layout, secret, public.id).open(join(records, labels, seed=SEED))
    expected = count_all(grid, flush).get("outcome:group")
    if expected is None or not np.array_equal(opened.get("outcome:group"), expected * chunks):
        raise RuntimeError("the joined labels were not opened as they were counted")
    encrypt_s = (seconds["records"] + seconds["labels"]) / layout.records
    return {
        "join_encrypt_rps": 1 / encrypt_s,
        "join_evaluate_rps": layout.records * chunks / seconds["join"],
        "join_total_rps": 1 / (encrypt_s + seconds["join"] / chunks / layout.records),
        "join_bytes_per_record": (len(records[0].to_bytes()) + len(labels[0].to_bytes())) / layout.records,
        "join_shards": layout.shards,
    }


def window_figures(random: np.random.Generator) -> dict[str, float]:
    """Releasing 30 days of a model with 100 columns, in seconds of the clock."""
    table = rows(random, 20_000, WIDE)
    spec = SPEC.model_copy(update={"columns": Columns(prediction="prediction", label="label", protected=("group",))})
    grid = sealed_grid(build_grid(spec, table))
    layout, (secret, public) = Layout(grid, CUBE), SecretKey.generate(CUBE)
    encoder = Encoder(layout, public, model="benchmark", version="1", sender="host", number=0)
    profile = count_all(grid, table)
    envelopes = [encoder.seal(profile, DAY + timedelta(days=place)) for place in range(DAYS)]
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        DecryptGate(layout, secret, public.id).open(add(envelopes), envelopes)
        taken.append(time.perf_counter() - start)
    return {"window_release_s": statistics.median(taken), "window_columns": len(list(grid.columns)) + 1}


def naive_figures(random: np.random.Generator, records: int) -> dict[str, float]:
    """A record as three CKKS ciphertexts: its numbers, its group beside its prediction, and its label."""
    context = tenseal.context(tenseal.SCHEME_TYPE.CKKS, 8192, coeff_mod_bit_sizes=[60, 40, 40, 60])
    context.global_scale = 2**40
    start, sent = time.process_time(), list[list[bytes]]()
    for _ in range(records):
        vectors = (random.normal(size=10), random.integers(0, 2, 8), random.integers(0, 2, 1))
        sent.append([tenseal.ckks_vector(context, each.astype(float).tolist()).serialize() for each in vectors])
    encrypted = time.process_time()
    total = [tenseal.ckks_vector_from(context, each) for each in sent[0]]
    for record in sent[1:]:
        total = [left + tenseal.ckks_vector_from(context, each) for left, each in zip(total, record, strict=True)]
    end = time.process_time()
    return {
        "naive_encrypt_rps": records / (encrypted - start),
        "naive_aggregate_rps": records / (end - encrypted),
        "naive_bytes_per_record": sum(len(each) for record in sent for each in record) / records,
    }


def peer_figures(seed: int, n: int) -> dict[str, float]:
    """fairlearn-fhe on as many records; nothing where it cannot be installed."""
    try:
        python = peers_python(".venv-fairlearn-fhe", "bench-sealed.txt")
    except subprocess.CalledProcessError:
        print("fairlearn-fhe could not be installed: its figures are missing")
        return {}
    script = Path(__file__).with_name("sealed_peer.py")
    told = [
        json.loads(
            subprocess.run([str(python), str(script), str(n), str(seed)], stdout=subprocess.PIPE, check=True).stdout
        )
        for _ in range(3)
    ]
    encrypt_s, evaluate_s = (statistics.median(each[name] for each in told) for name in ("encrypt_s", "evaluate_s"))
    return {
        "fairlearn_fhe_encrypt_rps": n / encrypt_s,
        "fairlearn_fhe_evaluate_rps": n / evaluate_s,
        "fairlearn_fhe_total_rps": n / (encrypt_s + evaluate_s),
    }


def main() -> None:
    asked = arguments(str(__doc__).partition("\n")[0])
    random = np.random.default_rng(asked.seed)
    rounds, chunks, records = (3, 4, 20) if asked.quick else (9, 20, 100)
    grid = sealed_grid(build_grid(SPEC, rows(random, 50_000)))
    figures = cube_figures(random, grid, rounds) | join_figures(random, grid, rounds, chunks) | window_figures(random)
    figures |= threshold_figures(grid, rows(random, FLUSH), DAY, rounds)
    figures |= coarse_figures(random, 1 if asked.quick else 5) | naive_figures(random, records)
    figures["naive_bytes_ratio"] = figures["naive_bytes_per_record"] / figures["cube_bytes_per_record"]
    figures |= peer_figures(asked.seed, FLUSH)
    if "fairlearn_fhe_total_rps" in figures:
        figures["fairlearn_fhe_ratio"] = figures["cube_total_rps"] / figures["fairlearn_fhe_total_rps"]
        figures["fairlearn_fhe_join_ratio"] = figures["join_total_rps"] / figures["fairlearn_fhe_total_rps"]
    report("sealed", figures)


if __name__ == "__main__":
    main()
