import dagster as dg

from aimon.platform import Platform
from aimon.store import incidents
from resources.names import FAILED
from sensors.failed_runs import by_model, failed_runs_sensor


@dg.op
def names_what_failed() -> None:
    reasons = {"2026-11-01|alpha": "no rows", "2026-11-02|alpha": "no rows", "2026-11-01|beta": "no column"}
    raise dg.Failure("3 of 9 partitions failed", metadata={FAILED: dg.MetadataValue.json(reasons)})


@dg.op
def breaks() -> None:
    raise ZeroDivisionError("nobody foresaw this")


@dg.job
def chain() -> None:
    names_what_failed()


@dg.job
def broken() -> None:
    breaks()


def tick(platform: Platform, instance: dg.DagsterInstance, cursor: str | None = None) -> str | None:
    """One tick of the sensor; its cursor afterwards."""
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"platform": platform}, sensor_name="failed_runs"
    )
    failed_runs_sensor(context)
    return context.cursor


def opened(platform: Platform) -> list[tuple[str, str]]:
    with platform.store.session() as connection:
        return sorted((incident.model, incident.kind) for incident in incidents.query(connection))


def test_each_model_that_a_run_could_not_finish_is_one_incident(
    platform: Platform, ephemeral: dg.DagsterInstance
) -> None:
    chain.execute_in_process(instance=ephemeral, raise_on_error=False)

    cursor = tick(platform, ephemeral)
    tick(platform, ephemeral, cursor)

    assert opened(platform) == [("alpha", "failure"), ("beta", "failure")]


def test_a_run_that_breaks_before_naming_anything_is_still_reported(
    platform: Platform, ephemeral: dg.DagsterInstance
) -> None:
    broken.execute_in_process(instance=ephemeral, raise_on_error=False, tags={"dagster/partition": "2026-11-01|alpha"})

    tick(platform, ephemeral)

    assert opened(platform) == [("alpha", "failure")]


def test_reasons_are_told_once_a_model_with_the_number_of_other_days() -> None:
    reasons = {"2026-11-02|alpha": "late", "2026-11-01|alpha": "no rows", "beta": "no file"}

    assert dict(by_model(reasons)) == {
        "alpha": "2026-11-01|alpha: no rows (and 1 more days)",
        "beta": "beta: no file",
    }


REPORT_STEP = dg.AssetKey("report")


@dg.op
def makes_reports() -> dg.Output[None]:
    return dg.Output(None)


def made(instance: dg.DagsterInstance, *partitions: str) -> None:
    for partition in partitions:
        instance.report_runless_asset_event(dg.AssetMaterialization(REPORT_STEP, partition=partition))


def statuses(platform: Platform) -> dict[str, str]:
    with platform.store.session() as connection:
        return {incident.model: incident.status for incident in incidents.query(connection)}


def test_a_failure_ends_when_every_partition_it_left_undone_was_made(
    platform: Platform, ephemeral: dg.DagsterInstance
) -> None:
    made(ephemeral, "2026-11-01|alpha", "2026-11-02|alpha", "2026-11-01|beta")
    chain.execute_in_process(instance=ephemeral, raise_on_error=False)
    cursor = tick(platform, ephemeral)
    assert statuses(platform) == {"alpha": "open", "beta": "open"}

    made(ephemeral, "2026-11-01|alpha", "2026-11-01|beta")
    cursor = tick(platform, ephemeral, cursor)
    assert statuses(platform) == {"alpha": "open", "beta": "resolved"}

    made(ephemeral, "2026-11-02|alpha")
    tick(platform, ephemeral, cursor)
    assert statuses(platform) == {"alpha": "resolved", "beta": "resolved"}


def test_a_failure_of_no_known_partition_ends_when_the_job_succeeds(
    platform: Platform, ephemeral: dg.DagsterInstance
) -> None:
    broken.execute_in_process(instance=ephemeral, raise_on_error=False)
    cursor = tick(platform, ephemeral)
    assert statuses(platform) == {"*": "open"}

    @dg.job(name="broken")
    def mended() -> None:
        makes_reports()

    mended.execute_in_process(instance=ephemeral)
    tick(platform, ephemeral, cursor)
    assert statuses(platform) == {"*": "resolved"}
