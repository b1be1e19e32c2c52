"""What a run is asked for: its model days, its instant, and the steps of each day. In: the run's tags and selection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import dagster as dg

from aimon.clock import instant, now
from aimon.daily.model_day import ModelDay
from aimon.daily.window import current_slot, judged_again
from aimon.platform import Platform
from assets.step import Step
from resources.names import AS_OF_TAG, OUTCOMES, PART_TAG, TOUCHED_TAG, ModelDayKey


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked for. `touched` are the days that it is about; None where it is about all of its range."""

    steps: tuple[Step, ...]
    assets: frozenset[dg.AssetKey]
    checks: frozenset[dg.AssetCheckKey]
    as_of: datetime
    touched: frozenset[date] | None
    outcomes_only: bool

    @classmethod
    def of(cls, context: dg.AssetExecutionContext, steps: Sequence[Step]) -> "Asked":
        """What the run's tags and selection say; of the steps, those of which it wants the asset or a check."""
        tags, assets = context.run.tags, frozenset(context.selected_asset_keys)
        checks = frozenset(context.selected_asset_check_keys)
        checked = {check.asset_key for check in checks}
        return cls(
            steps=tuple(step for step in steps if step.key in assets or step.key in checked),
            assets=assets,
            checks=checks,
            as_of=as_of(tags),
            touched=touched_days(tags),
            outcomes_only=tags.get(PART_TAG) == OUTCOMES,
        )

    def is_about(self, day: date) -> bool:
        """Whether the run is about the day itself, and not only about the windows that it ends."""
        return self.touched is None or day in self.touched

    def steps_of(self, day: ModelDay) -> Sequence[Step]:
        """What is to be done of the day: everything, or where the run is about other days, judging its windows again.

        A day that was never counted has no windows to judge again.
        """
        steps = [step for step in self.steps if step.is_of(day)]
        if self.is_about(day.day):
            return steps
        again = judged_again(self.touched or (), day.as_of)
        if day.day not in again or day.platform.profiles.day(day.spec.model, day.day) is None:
            return ()
        return [step for step in steps if step.judges_alone]

    def by_checks_alone(self, step: Step, day: date) -> bool:
        """Whether the step's checks are wanted of what is stored, and its asset is not."""
        return step.key not in self.assets or not self.is_about(day)

    def makes(self, step: Step, day: date) -> bool:
        """Whether the step's asset is made of the day, so that its partition is marked."""
        return step.key in self.assets and (step.judge is None or self.is_about(day))


def wanted(partition_keys: Iterable[str], platform: Platform) -> list[ModelDayKey]:
    """The run's model days, by model, then by day, without the retired models that a rectangle may hold."""
    keys = (ModelDayKey.parse(key) for key in partition_keys)
    return sorted(key for key in keys if not platform.is_retired(key.model))


def as_of(tags: Mapping[str, str]) -> datetime:
    """Up to when labels count as known: the run's tag, so that a rerun replays, or the start of the current slot."""
    return instant(tags[AS_OF_TAG]) if AS_OF_TAG in tags else current_slot(now())


def touched_days(tags: Mapping[str, str]) -> frozenset[date] | None:
    """The days that the run is about; None where it is about all of its range."""
    listed = tags.get(TOUCHED_TAG)
    return None if listed is None else frozenset(date.fromisoformat(day) for day in listed.split(","))
