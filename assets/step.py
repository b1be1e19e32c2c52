"""A step: one kind of asset, its check, and the function that makes it for one model and day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import dagster as dg

from aimon.daily.model_day import ModelDay
from assets.made import Made
from assets.preview import accepted
from resources.names import GROUP, OWNER


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of result. `check` is the name of its family's check, where it has one."""

    key: dg.AssetKey
    make: Callable[[ModelDay], Made]
    description: str
    kinds: frozenset[str]
    deps: Sequence[dg.AssetKey | dg.AssetDep] = field(default_factory=tuple)
    check: str | None = None
    check_description: str | None = None

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
            skippable=True,
        )

    def check_spec(self, partitions: dg.MultiPartitionsDefinition) -> dg.AssetCheckSpec | None:
        """The family's check; its thresholds live in the model's YAML, its findings in the operations database."""
        if self.check is None:
            return None
        with accepted():
            return dg.AssetCheckSpec(
                self.check, asset=self.key, description=self.check_description, partitions_def=partitions
            )
