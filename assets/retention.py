"""`retention`: what is older than the settings allow is deleted; each materialisation is the evidence of one run."""

from collections.abc import Iterator, Sequence

import dagster as dg

from aimon.clock import now
from aimon.govern.audit import open_trail
from aimon.govern.deletions import seal_deletions
from aimon.govern.retention import expire
from aimon.platform import Platform
from aimon.store.expirations import Deletion
from resources.names import OWNER, RETENTION

GROUP = "upkeep"
MOST_SHOWN = 1_000
COLUMNS = {
    "kind": "string",
    "model": "string",
    "day": "string",
    "files": "int",
    "rows": "int",
    "bytes": "int",
    "sha256": "string",
    "policy": "string",
}


def table(deleted: Sequence[Deletion]) -> dg.TableMetadataValue:
    """What was deleted, a row for each kind, model and day."""
    rows = []
    for one in deleted[:MOST_SHOWN]:
        told = one.as_json()
        rows.append(dg.TableRecord({name: "" if told[name] is None else told[name] for name in COLUMNS}))
    return dg.MetadataValue.table(rows, dg.TableSchema([dg.TableColumn(name, kind) for name, kind in COLUMNS.items()]))


@dg.asset(
    key=RETENTION,
    group_name=GROUP,
    owners=[OWNER],
    kinds={"python"},
    description="Deletes what is older than retention in aimon.yaml allows. The operations database keeps the evidence "
    "of each deletion; the metadata shows this run's.",
)
def retention(platform: dg.ResourceParam[Platform]) -> Iterator[dg.MaterializeResult[None]]:
    """Delete what is over. What could not be deleted fails the run, after everything else is gone."""
    settings = platform.project.settings
    evidence = expire(platform.lake, platform.store, settings.retention, now(), logs=settings.logs_folder)
    seal_deletions(open_trail(settings, platform.store), "aimon")
    deleted = evidence.expired
    yield dg.MaterializeResult(
        metadata={
            "deletions": len(deleted),
            "files": sum(one.files for one in deleted),
            "rows": sum(one.rows or 0 for one in deleted),
            "bytes": sum(one.bytes or 0 for one in deleted),
            "evidence": table(deleted),
        }
    )
    if evidence.problems:
        raise dg.Failure("What could not be deleted:\n" + "\n".join(evidence.problems), allow_retries=False)
