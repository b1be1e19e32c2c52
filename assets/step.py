"""A step: one kind of asset, its checks, and the function that makes it for one model and day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

import dagster as dg

from aimon.daily.model_day import ModelDay
from aimon.daily.sealed_day import SealedDay
from assets.made import Judgement, Made
from assets.preview import accepted
from resources.names import GROUP, OWNER

ANALYSED = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=12), warn_window=timedelta(hours=7))
"""A slot is six hours. Dagster asks when the asset was made last, of any model; the heartbeat asks of each."""


class Source(Enum):
    """What a step is made of: rows that can be read here, sealed counts, or either."""

    ROWS = "rows"
    SEALED = "sealed"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of result. `checks` are what each of its checks says when it passes, by the name of the check.

    `freshness` is when Dagster's pages call the asset late; None for what is made on request.
    `judge` judges what is stored, for a run that asks for the checks alone; without it, the asset is made for that.
    """

    key: dg.AssetKey
    make: Callable[[ModelDay], Made]
    description: str
    kinds: frozenset[str]
    deps: Sequence[dg.AssetKey | dg.AssetDep] = field(default_factory=tuple)
    checks: Mapping[str, str] = field(default_factory=dict)
    freshness: dg.FreshnessPolicy | None = ANALYSED
    source: Source = Source.EITHER
    reads_rows: bool = False
    judge: Callable[[ModelDay], Mapping[str, Judgement]] | None = None

    @property
    def judges_alone(self) -> bool:
        """Whether it can be done by what is stored, without a row of the day."""
        return self.judge is not None or not self.reads_rows

    def is_of(self, day: ModelDay) -> bool:
        """Whether the step is made of such days."""
        return self.source in (Source.EITHER, Source.SEALED if isinstance(day, SealedDay) else Source.ROWS)

    @property
    def name(self) -> str:
        return self.key.path[-1]

    def asset_spec(self, partitions: dg.MultiPartitionsDefinition) -> dg.AssetSpec:
        """The node that the lineage graph shows."""
        return dg.AssetSpec(
            self.key,
            deps=list(self.deps),
            description=self.description,
            group_name=GROUP,
            owners=[OWNER],
            kinds=set(self.kinds),
            partitions_def=partitions,
            freshness_policy=self.freshness,
            skippable=True,
        )

    def check_specs(self, partitions: dg.MultiPartitionsDefinition) -> list[dg.AssetCheckSpec]:
        """The checks; their thresholds live in the model's YAML, their findings in the operations database."""
        with accepted():
            return [
                dg.AssetCheckSpec(name, asset=self.key, description=description, partitions_def=partitions)
                for name, description in self.checks.items()
            ]
