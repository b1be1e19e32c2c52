import dagster as dg

from aimon.platform import Platform
from aimon.store import baselines
from aimon_pipelines.definitions import build_definitions
from resources.names import BASELINE


def test_each_model_gets_its_baseline_and_a_broken_one_stops_no_other(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    (platform.root / "reference" / "beta.parquet").unlink()
    job = build_definitions(platform.root).resolve_job_def("baseline")

    made = {
        name: job.execute_in_process(instance=instance, partition_key=name, raise_on_error=False).success
        for name in ("alpha", "beta")
    }

    assert made == {"alpha": True, "beta": False}
    assert instance.get_materialized_partitions(BASELINE) == {"alpha"}
    with platform.store.session() as connection:
        active = baselines.active(connection, "alpha")
    assert active is not None
    assert active.rows == 4_000
