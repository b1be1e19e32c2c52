"""The chain of a run: every chosen step of every model and day in it, so that one model's failure stops no other.

A materialisation is logged for each partition that was made and only for these. When any failed, the step fails at the
end and names each; what was made stays made.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from platform import node

import dagster as dg

from aimon.clock import instant, iso, now
from aimon.daily.model_day import ModelDay
from aimon.daily.patience import patiently
from aimon.daily.window import current_slot, judged_again
from aimon.incident.evaluation import DATA_VERSION
from aimon.platform import Platform
from assets.failures import Failures
from assets.links import report_link
from assets.made import Judgement, Made
from assets.step import Step
from resources.names import AS_OF_TAG, HOST_TAG, LAKE_POOL, OUTCOMES, PART_TAG, TOUCHED_TAG, ModelDayKey

OP_NAME = "analyse"


def wanted(partition_keys: Iterable[str], platform: Platform) -> list[ModelDayKey]:
    """The run's model days, by model, then by day, without the retired models that a rectangle may hold."""
    keys = (ModelDayKey.parse(key) for key in partition_keys)
    return sorted(key for key in keys if not platform.is_retired(key.model))


def evaluation(
    platform: Platform, check: dg.AssetCheckKey, key: ModelDayKey, judgement: Judgement, data_version: str | None
) -> dg.AssetCheckEvaluation:
    """The check's result for one partition; never blocking, because the chain itself decides what goes on."""
    return dg.AssetCheckEvaluation(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=judgement.passed,
        severity=judgement.severity,
        description=judgement.description,
        metadata={
            **judgement.metadata,
            "report": report_link(platform, key.model, key.day),
            **({} if data_version is None else {DATA_VERSION: data_version}),
        },
        partition=str(key),
        blocking=False,
    )


def materialization(step: Step, key: ModelDayKey, made: Made) -> dg.AssetMaterialization:
    """The event that marks one partition as made."""
    tags = {"dagster/data_version": made.data_version} if made.data_version else None
    return dg.AssetMaterialization(asset_key=step.key, partition=str(key), metadata=dict(made.metadata), tags=tags)


def as_of(tags: Mapping[str, str]) -> datetime:
    """Up to when labels count as known: the run's tag, so that a rerun replays, or the start of the current slot."""
    return instant(tags[AS_OF_TAG]) if AS_OF_TAG in tags else current_slot(now())


def touched_days(tags: Mapping[str, str]) -> frozenset[date] | None:
    """The days that the run is about; None where it is about all of its range."""
    listed = tags.get(TOUCHED_TAG)
    return None if listed is None else frozenset(date.fromisoformat(day) for day in listed.split(","))


def chosen_steps(context: dg.AssetExecutionContext, steps: Sequence[Step]) -> list[Step]:
    """The steps of which the run wants the asset or a check."""
    checked = {check.asset_key for check in context.selected_asset_check_keys}
    return [step for step in steps if step.key in context.selected_asset_keys or step.key in checked]


def make(step: Step, day: ModelDay, *, checks_alone: bool) -> Made:
    """The step's asset; where the run wants its checks alone, what these say of what is stored."""
    if checks_alone and step.judge is not None:
        return Made(metadata={}, judgements=step.judge(day))
    return step.make(day)


def steps_of(chosen: Sequence[Step], day: ModelDay, touched: Collection[date] | None) -> Sequence[Step]:
    """What is to be done of the day: everything, or where the run is about other days, judging its windows again.

    A day that was never counted has no windows to judge again.
    """
    if touched is None or day.day in touched:
        return chosen
    if day.day not in judged_again(touched, day.as_of) or day.platform.profiles.day(day.spec.model, day.day) is None:
        return ()
    return [step for step in chosen if step.judges_alone]


def run_steps(
    context: dg.AssetExecutionContext, platform: Platform, steps: Sequence[Step]
) -> Iterator[dg.AssetCheckEvaluation]:
    """Make every chosen step of every model day in the run. Nothing is made of a day whose rows cannot be used."""
    tags, chosen = context.run.tags, chosen_steps(context, steps)
    moment, touched, failures = as_of(tags), touched_days(tags), Failures()
    context.instance.add_run_tags(context.run.run_id, {HOST_TAG: node(), AS_OF_TAG: iso(moment)})
    keys = wanted(context.partition_keys, platform)
    for key in keys:
        try:
            day = ModelDay(
                platform,
                platform.model(key.model),
                key.day,
                as_of=moment,
                run_id=context.run.run_id,
                outcomes_only=tags.get(PART_TAG) == OUTCOMES,
            )
            yield from run_day(context, steps_of(chosen, day, touched), key, day, failures)
        except Exception as error:  # one model's fault, of whatever kind, must not stop the others
            failures.add(context, str(key), error)
    failures.raise_if_any(len(keys))


def run_day(
    context: dg.AssetExecutionContext, steps: Sequence[Step], key: ModelDayKey, day: ModelDay, failures: Failures
) -> Iterator[dg.AssetCheckEvaluation]:
    """Make the steps of one model day."""
    checks, touched, done = context.selected_asset_check_keys, touched_days(context.run.tags), list[str]()
    for step in steps:
        is_wanted = step.key in context.selected_asset_keys
        stored_only = not is_wanted or (touched is not None and day.day not in touched)
        made = patiently(partial(make, step, day, checks_alone=stored_only), told=partial(_tell, context, step, key))
        if made.absent is not None:
            context.log.warning("%s of %s was not made: %s", step.name, key, made.absent)
            continue
        if is_wanted and (step.judge is None or not stored_only):
            context.log_event(materialization(step, key, made))
        judged = {dg.AssetCheckKey(step.key, name): each for name, each in made.judgements.items()}
        for check, each in judged.items():
            if check in checks:
                yield evaluation(day.platform, check, key, each, day.data_version)
        if made.unusable is not None:
            failures.refuse(context, str(key), made.unusable, told=not checks.isdisjoint(judged))
            break
        done.append(step.name)
    day.platform.heard(key.model, done, key.day, context.run.run_id)


def _tell(context: dg.AssetExecutionContext, step: Step, key: ModelDayKey, error: Exception, wait: float) -> None:
    context.log.warning("%s of %s is tried again in %.0f s: %s", step.name, key, wait, error)


def model_day_assets(
    partitions: dg.MultiPartitionsDefinition, steps: Sequence[Step], *, name: str = OP_NAME, pool: str = LAKE_POOL
) -> dg.AssetsDefinition:
    """The steps as one subsettable node of work that Dagster shows as one asset each."""
    check_specs = [spec for step in steps for spec in step.check_specs(partitions)]

    @dg.multi_asset(
        name=name,
        pool=pool,
        specs=[step.asset_spec(partitions) for step in steps],
        check_specs=check_specs,
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def model_day(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> Iterator[object]:
        yield from run_steps(context, platform, steps)
        for check in context.selected_asset_check_keys:
            yield dg.Output(None, output_name=f"{check.asset_key.path[-1]}_{check.name}")

    return model_day
