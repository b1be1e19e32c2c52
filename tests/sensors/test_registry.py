from pathlib import Path

import dagster as dg

from aimon.platform import Platform, open_platform
from aimon.store import registry
from aimon_pipelines.partitions import models
from sensors.registry import registry_sensor
from tests.tiny_project import add_model


def tick(platform: Platform, instance: dg.DagsterInstance) -> list[str]:
    """One tick of the sensor; the keys that it asks for, which are then added as the daemon does."""
    context = dg.build_sensor_context(instance=instance, resources={"platform": platform})
    result = registry_sensor(models)(context)
    assert isinstance(result, dg.SensorResult)
    keys = [key for request in result.dynamic_partitions_requests or [] for key in request.partition_keys]
    instance.add_dynamic_partitions("models", keys)
    return keys


def test_a_model_gets_its_key_when_its_file_appears(root: Path, ephemeral: dg.DagsterInstance) -> None:
    with open_platform(root) as platform:
        assert tick(platform, ephemeral) == ["alpha", "beta"]
        assert tick(platform, ephemeral) == []
    add_model(root, "gamma")
    with open_platform(root) as platform:
        assert tick(platform, ephemeral) == ["gamma"]


def test_a_key_outlives_the_file_and_the_retiring_of_its_model(root: Path, ephemeral: dg.DagsterInstance) -> None:
    with open_platform(root) as platform:
        tick(platform, ephemeral)
    (root / "models" / "alpha.yaml").unlink()
    file = root / "models" / "beta.yaml"
    file.write_text(file.read_text() + "retired: true\n")

    with open_platform(root) as platform:
        tick(platform, ephemeral)
        with platform.store.session() as connection:
            beta = registry.get(connection, "beta")

    assert ephemeral.get_dynamic_partitions("models") == ["alpha", "beta"]
    assert beta is not None
    assert beta.retired


def test_a_file_with_mistakes_hides_its_own_model_only(root: Path, ephemeral: dg.DagsterInstance) -> None:
    (root / "models" / "alpha.yaml").write_text("model: alpha\ntask: guessing\n")

    with open_platform(root) as platform:
        assert tick(platform, ephemeral) == ["beta"]
