"""`baseline`: what a model is compared with, one a model. It stays the same while the YAML does."""

import dagster as dg

from aimon.daily.reference import ensure_reference
from aimon.platform import Platform
from assets.failures import Failures
from resources.names import BASELINE, GROUP, OWNER


def materialization(platform: Platform, model: str) -> dg.AssetMaterialization:
    """Freeze one model's reference and say what it is."""
    reference = ensure_reference(platform, platform.model(model))
    return dg.AssetMaterialization(
        asset_key=BASELINE,
        partition=model,
        metadata={
            "dagster/row_count": reference.rows,
            "grid": reference.grid.id,
            "baseline": reference.baseline_id,
        },
        tags={"dagster/data_version": reference.sha256},
    )


def baseline_asset(models: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that freezes each model's grid and reference counts; a model that fails stops no other."""

    @dg.multi_asset(
        name="model_baseline",
        specs=[
            dg.AssetSpec(
                BASELINE,
                group_name=GROUP,
                owners=[OWNER],
                kinds={"duckdb", "parquet"},
                description="The model's frozen grid and the counts of its reference rows, a file or a period.",
                partitions_def=models,
                skippable=True,
            )
        ],
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def model_baseline(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> None:
        failures, names = Failures(), [name for name in context.partition_keys if not platform.is_retired(name)]
        for name in names:
            try:
                context.log_event(materialization(platform, name))
            except Exception as error:  # one model's fault, of whatever kind, must not stop the others
                failures.add(context, name, error)
        failures.raise_if_any(len(names))

    return model_baseline
