"""The chain of a run: every step asked for, of every model and day in it, so that one model's failure stops no other.

A materialisation is logged for each partition that was made and only for these. When any failed, the step fails at the
end and names each; what was made stays made.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from platform import node

import dagster as dg

from aimon import tracing
from aimon.clock import iso
from aimon.daily.model_day import ModelDay
from aimon.daily.patience import patiently
from aimon.daily.sealed_day import day_of
from aimon.platform import Platform
from assets.asked import Asked, wanted
from assets.events import evaluation, materialization
from assets.failures import Failures
from assets.made import Made
from assets.step import Step
from resources.names import AS_OF_TAG, HOST_TAG, LAKE_POOL, ModelDayKey

OP_NAME = "analyse"


def run_steps(
    context: dg.AssetExecutionContext, platform: Platform, steps: Sequence[Step]
) -> Iterator[dg.AssetCheckEvaluation]:
    """Make every chosen step of every model day in the run. Nothing is made of a day whose rows cannot be used."""
    asked, failures = Asked.of(context, steps), Failures()
    context.instance.add_run_tags(context.run.run_id, {HOST_TAG: node(), AS_OF_TAG: iso(asked.as_of)})
    keys = wanted(context.partition_keys, platform)
    for key in keys:
        try:
            day = day_of(
                platform,
                platform.model(key.model),
                key.day,
                asked.as_of,
                context.run.run_id,
                outcomes_only=asked.outcomes_only,
            )
            yield from run_day(context, asked, key, day, failures)
        except Exception as error:  # one model's fault, of whatever kind, must not stop the others
            failures.add(context, str(key), error)
    failures.raise_if_any(len(keys))


def run_day(
    context: dg.AssetExecutionContext, asked: Asked, key: ModelDayKey, day: ModelDay, failures: Failures
) -> Iterator[dg.AssetCheckEvaluation]:
    """Make the steps of one model day."""
    done = list[str]()
    for step in asked.steps_of(day):
        checks_alone = asked.by_checks_alone(step, key.day)
        with tracing.span(step.name, model=key.model, day=key.day.isoformat(), run=context.run.run_id):
            made = patiently(
                partial(make, step, day, checks_alone=checks_alone), told=partial(_tell, context, step, key)
            )
        if made.absent is not None:
            context.log.warning("%s of %s was not made: %s", step.name, key, made.absent)
            if made.waits is None:
                continue
            break
        if asked.makes(step, key.day):
            context.log_event(materialization(step, key, made))
        judged = {dg.AssetCheckKey(step.key, name): each for name, each in made.judgements.items()}
        for check, each in judged.items():
            if check in asked.checks:
                yield evaluation(day.platform, check, key, each, day.data_version)
        if made.unusable is not None:
            failures.refuse(context, str(key), made.unusable, told=not asked.checks.isdisjoint(judged))
            break
        done.append(step.name)
        if made.waits is not None:
            context.log.info("%s waits after %s: %s", key, step.name, made.waits)
            break
    day.platform.heard(key.model, done, key.day, context.run.run_id)


def make(step: Step, day: ModelDay, *, checks_alone: bool) -> Made:
    """The step's asset; where the run wants its checks alone, what these say of what is stored."""
    if checks_alone and step.judge is not None:
        return Made(metadata={}, judgements=step.judge(day))
    return step.make(day)


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
