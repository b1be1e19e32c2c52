"""What a key costs that three sites hold together: sealing, adding, one site's part, and fusing, in CPU seconds.

What is opened is compared with plain counts; the benchmark fails where one differs.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import numpy as np
import pyarrow as pa

from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.evaluator import add
from aimon.sealed.federation.charter import new_charter
from aimon.sealed.federation.message import Commit, Part, Reveal, read_message
from aimon.sealed.federation.opening import Holder, fuse
from aimon.sealed.federation.site import Site
from aimon.sealed.layout import Layout

SITES = ("a", "b", "c")
OPENERS = SITES[:2]
T = TypeVar("T")


def timed(run: Callable[[], T], times: int) -> tuple[T, float]:
    """What it gives, and the median of its CPU seconds."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        result = run()
        taken.append(time.process_time() - start)
    return result, statistics.median(taken)


def threshold_figures(grid: Grid, flush: pa.Table, day: date, rounds: int) -> dict[str, float]:
    charter = new_charter("benchmark", SITES, len(OPENERS), 50)
    sites = [Site.new(charter, name) for name in SITES]
    start = time.process_time()
    commits = [read_message(each.commit(alone=False), each.name, Commit) for each in sites]
    reveals = [read_message(each.reveal(commits), each.name, Reveal) for each in sites]
    made = [each.combine(commits, reveals) for each in sites]
    key_s = (time.process_time() - start) / len(sites)
    session, public, _ = made[0]
    layout, profile = Layout(grid, charter.scheme), count_all(grid, flush)
    encoders = [
        Encoder(layout, public, model="benchmark", version="1", sender=each.name, number=0, signer=each.signer)
        for each in sites
    ]
    _, seal_s = timed(lambda: encoders[0].seal_rows(flush, day).to_bytes(), rounds)
    envelopes = [each.seal(profile, day) for each in encoders for _ in range(10)]
    total, add_s = timed(lambda: add(envelopes), rounds)
    holders = [Holder(site, session, share) for site, (_, _, share) in zip(sites, made, strict=True)]
    first, part_s = timed(lambda: holders[0].partial(total, envelopes, OPENERS), rounds)
    said = [first, *(each.partial(total, envelopes, OPENERS) for each in holders[1 : len(OPENERS)])]
    parts = [read_message(each, "part", Part) for each in said]
    opened, fuse_s = timed(lambda: fuse(session, layout, total, envelopes, parts), rounds)
    for key, counts in opened.tables.items():
        if not np.array_equal(counts, profile.tables[key] * len(envelopes)):
            raise RuntimeError(f"{key} was not opened as it was counted")
    many = flush.num_rows * len(envelopes)
    return {
        "threshold_rows_rps": flush.num_rows / seal_s,
        "threshold_bytes_per_record": len(envelopes[0].to_bytes()) / flush.num_rows,
        "threshold_aggregate_rps": many / add_s,
        "threshold_key_s": key_s,
        "threshold_part_s": part_s,
        "threshold_fuse_s": fuse_s,
    }
