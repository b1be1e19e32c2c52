"""The registry sensor: a model's partition key appears when its YAML does, without a reload. Keys are never deleted."""

import dagster as dg

from aimon.daily.registry import register_models
from aimon.platform import Platform

INTERVAL_SECONDS = 30


def registry_sensor(models: dg.DynamicPartitionsDefinition) -> dg.SensorDefinition:
    """The sensor that adds partition keys and keeps the registry table equal to the files."""

    @dg.sensor(
        name="model_registry",
        description="Adds a partition key for each model file that appears and records what changed in the others.",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def model_registry(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SensorResult:
        registered = register_models(platform)
        present = set(models.get_partition_keys(dynamic_partitions_store=context.instance))
        new = [name for name in registered.keys if name not in present]
        return dg.SensorResult(
            skip_reason=dg.SkipReason(registered.summary),
            dynamic_partitions_requests=[models.build_add_request(new)] if new else [],
        )

    return model_registry
