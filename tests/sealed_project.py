"""A sealed model in two projects: the server's, which holds no key, and its owner's; and hosts that send envelopes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.stored import to_bytes
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.join.layout import join_layouts
from aimon.sealed.keys import PUBLIC, SECRET, generate, read_public
from aimon.sealed.plan import Plan, read_plan
from aimon.sealed.seal.parameters import CUBE, JOIN
from aimon.spec.model import ModelSpec
from aimon.spec.modelfile import load_model
from tests.tiny_project import FIRST, MODEL, rows

NAME = "loans"
SEALED = "source: {{kind: sealed, key: {key}, layout: {layout}, release: {release}{more}}}"


@dataclass(frozen=True, slots=True)
class SealedProject:
    """The folders of server and owner, and what hosts are given."""

    server: Path
    owner: Path
    keys: Path
    plan: Plan
    label_keys: Path

    def envelopes(self, day: date, hosts: int = 2, *, income_shift: float = 0.0, first: int = 0) -> Iterator[Envelope]:
        """What so many hosts send of a day, each a part of its rows."""
        table, public = rows(day, 400, 1, income_shift), read_public(self.keys / PUBLIC)
        for host in range(hosts):
            size = table.num_rows // hosts
            sealing = Encoder(
                self.plan.layout, public, model=NAME, version="1", sender=f"host-{host}", number=day.toordinal() + first
            )
            yield sealing.seal_rows(table.slice(host * size, size), day)

    @property
    def secret(self) -> Path:
        return self.keys / SECRET

    @property
    def secrets(self) -> list[Path]:
        return [path for path in (self.secret, self.label_keys / SECRET) if path.exists()]


def reference() -> pa.Table:
    return rows(FIRST - timedelta(30), 4_000, seed=0)


def sealed_project(
    root: Path, release: str = "counts", budget: str = "", *, joins: bool = False, segments: str | None = None
) -> SealedProject:
    """Both projects, with a pair of keys and a plan; with a second pair where labels are joined."""
    server, owner, keys = root / "server", root / "owner", root / "keys"
    public = generate(keys, CUBE)
    (root / "reference.parquet").parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(reference(), root / "reference.parquet")
    declared = MODEL.format(name=NAME)
    if segments is not None:
        declared = declared.replace("  protected: [sex]\n", f"  protected: [sex]\n  segments: [{segments}]\n")
    plain = root / "plain.yaml"
    plain.write_text(declared, encoding="utf-8")
    spec = load_model(plain)
    plan = Plan(model=NAME, version="1", grid=sealed_grid(build_grid(spec, root / "reference.parquet")))
    counts = to_bytes(plan.layout.kept(count_all(plan.grid, root / "reference.parquet")), {"model": NAME})
    label_keys = root / "label-keys"
    if joins:
        key, layout = generate(label_keys, JOIN).id, join_layouts(plan.grid)[("sex",)]
        budget += f", join: {{key: {key!r}, layout: {layout!r}, attributes: [sex]}}"
    for folder in (server, owner):
        knows = folder == owner or release == "counts"
        more = f"{', plan: plan.json' if knows else ''}{budget}"
        source = SEALED.format(key=public.id, layout=plan.layout.id, release=release, more=more)
        lines = declared.splitlines()
        lines[3] = source
        lines[-1] = "baseline: {counts: reference.counts}" if knows else ""
        (folder / "models").mkdir(parents=True)
        (folder / "aimon.yaml").write_text("models: models\n", encoding="utf-8")
        (folder / "models" / f"{NAME}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if knows:
            (folder / "plan.json").write_text(plan.model_dump_json(), encoding="utf-8")
            (folder / "reference.counts").write_bytes(counts)
    return SealedProject(server, owner, keys, read_plan(owner / "plan.json"), label_keys)


def spec_of(project: SealedProject) -> ModelSpec:
    """The model as the server declares it."""
    return load_model(project.server / "models" / f"{NAME}.yaml")
