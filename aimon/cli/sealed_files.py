"""What the sealed commands share: options of one meaning, files that are read whole and written once."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimon.errors import SealedError, UserError

if TYPE_CHECKING:
    import pyarrow as pa

    from aimon.profile.grid import Grid
    from aimon.profile.profile import Profile
    from aimon.sealed.envelope import Envelope

PlanFile = Annotated[Path, typer.Option("--plan", help="The file that `aimon sealed plan` wrote.")]
Out = Annotated[Path, typer.Option(help="Where to write it.")]
Envelopes = Annotated[list[Path], typer.Argument(help="Sealed envelopes.")]


def read_envelopes(paths: Sequence[Path]) -> "list[Envelope]":
    """The envelopes of the files."""
    from aimon.sealed.envelope import read_envelope

    return [read_envelope(content_of(path), str(path)) for path in paths]


def content_of(path: Path) -> bytes:
    """The file's bytes, or one sentence."""
    from aimon.sealed.files import content_of as content

    return content(path)


def read_rows(path: Path) -> "pa.Table":
    """The rows of a Parquet or CSV file."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        return csv.read_csv(path) if path.suffix.lower() == ".csv" else parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise SealedError(f"{path} cannot be read as rows: {error}") from error


def write_new(path: Path, content: bytes) -> None:
    """A whole file under a name that was free."""
    draft = path.with_name(f"{path.name}.draft")
    try:
        if path.exists():
            raise SealedError(f"{path} is there already; choose another name")
        draft.write_bytes(content)
        draft.rename(path)
    except OSError as error:
        raise SealedError(f"{path} cannot be written: {error.strerror}") from error


def day_of(written: str) -> date:
    """The day, or one sentence."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise UserError(f"--day: {written!r} is not a day; write it as 2026-11-20") from error


def printed(profile: "Profile") -> dict[str, Any]:
    """The counts of all rows, as JSON prints them."""
    counts = {each.table: counts.tolist() for each, counts in profile.tables.items() if each.segment is None}
    return {"rows": profile.rows, "tables": counts}


def in_project(root: Path | None) -> bool:
    """Whether the command is called for a project, which has an audit log; hosts and key owners need none."""
    from aimon.spec.project import project_root

    return (project_root(root) / "aimon.yaml").exists()


def read_counts(path: Path, grid: "Grid") -> "Profile":
    """The counts of a file, which are of this grid."""
    from aimon.profile.stored import from_bytes

    content = content_of(path)
    try:
        profile = from_bytes(content).profile()
    except (ValueError, KeyError, TypeError) as error:
        raise SealedError(f"{path} holds no counts; write them with --counts") from error
    if profile.grid_id != grid.id:
        raise SealedError(f"{path} holds counts of another plan; every site needs the same one")
    return profile
