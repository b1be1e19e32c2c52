"""The events that tell Dagster of one partition: a materialisation, and the evaluation of a check."""

import dagster as dg

from aimon.incident.evaluation import DATA_VERSION
from aimon.platform import Platform
from assets.links import report_link
from assets.made import Judgement, Made
from assets.step import Step
from resources.names import ModelDayKey


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
