"""The two projects of the sealed model, made once: the server's gets ids, the owner's gets the key, plan and counts."""

import json
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pyarrow import parquet

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.stored import to_bytes
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.keys import generate
from aimon.sealed.plan import Plan
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.sender import new_sender
from aimon.spec.modelfile import load_model
from examples.sealed.triage import HOSPITALS, NAME, rows

OWNER = "owner"
MODEL = """\
# Patients are counted and encrypted in their hospitals. This server adds what it cannot read; the key's owner judges.
model: triage-priority
version: "1.4"
task: binary
owner: emergency-care
description: Says which emergency patients are urgent
source: {{kind: sealed, key: {key}, layout: {layout}, release: verdicts{plan}, senders: {senders}}}
columns:
  timestamp: arrived_at
  prediction: urgent
  score: urgency
  label: admitted
  features: {{age: numeric, pulse: numeric, lactate: numeric, arrival: categorical}}
  protected: [sex]
positive: 1
{baseline}"""
UNUSED = "0" * 16


def prepare(root: Path, last: date) -> None:
    """Make both projects where there is none; the server's model file, written last, tells that they are there."""
    declared, owner = root / "models" / f"{NAME}.yaml", root / OWNER
    if declared.exists():
        return
    with tempfile.TemporaryDirectory(dir=root, prefix=".owner-") as draft:
        made = Path(draft) / OWNER
        (made / "models").mkdir(parents=True)
        shutil.copy(root / "aimon.yaml", made)
        public = generate(made / "keys", CUBE)
        keys = [new_sender(sender_key(made, hospital), hospital) for hospital in HOSPITALS]  # each would make its own
        senders = json.dumps({each.sender: each.signer.public for each in keys})
        reference = made / "reference.parquet"
        parquet.write_table(rows(np.random.default_rng(70), last - timedelta(60), 20_000), reference)
        own = made / "models" / f"{NAME}.yaml"
        own.write_text(filled(public.id, UNUSED, senders, owns=True), encoding="utf-8")
        plan = Plan(model=NAME, version="1.4", grid=sealed_grid(build_grid(load_model(own), reference)))
        (made / "plan.json").write_text(plan.model_dump_json(indent=1), encoding="utf-8")
        counts = plan.layout.kept(count_all(plan.grid, reference))
        (made / "reference.counts").write_bytes(to_bytes(counts, {"model": NAME, "version": "1.4"}))
        own.write_text(filled(public.id, plan.layout.id, senders, owns=True), encoding="utf-8")
        shutil.rmtree(owner, ignore_errors=True)
        made.rename(owner)
    written = declared.with_suffix(".draft")
    written.write_text(filled(public.id, plan.layout.id, senders, owns=False), encoding="utf-8")
    written.rename(declared)


def sender_key(owner: Path, hospital: str) -> Path:
    """What a hospital signs with; in the demo it lies beside the public key that hospitals seal with."""
    return owner / "keys" / f"{hospital}.sender"


def filled(key: str, layout: str, senders: str, *, owns: bool) -> str:
    """The model's file, as the owner of the key or the server has it."""
    return MODEL.format(
        key=key,
        layout=layout,
        senders=senders,
        plan=", plan: plan.json" if owns else "",
        baseline="baseline: {counts: reference.counts}\n" if owns else "",
    )
