"""`aimon sealed records`, `labels`: sealing single records at one host, and their labels wherever they are known."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aimon.cli.sealed_files import Out, PlanFile, content_of, day_of, read_rows, write_new
from aimon.errors import SealedError

if TYPE_CHECKING:
    from aimon.sealed.join.encoder import JoinEncoder

PublicFile = Annotated[Path, typer.Option("--key", help="The public key that `aimon sealed keygen --labels` made.")]
Attributes = Annotated[
    list[str], typer.Option("--attribute", help="A protected attribute whose groups are told apart; may be repeated.")
]
IdColumn = Annotated[str, typer.Option("--id", help="The column by which records and labels find each other.")]
Sender = Annotated[str, typer.Option(help="The name of this host.")]
Sign = Annotated[Path | None, typer.Option(help="This host's key that `aimon sealed sender` made.")]


def records(
    rows: Annotated[Path, typer.Argument(help="Rows of one day, Parquet or CSV; they stay here.")],
    *,
    plan: PlanFile,
    key: PublicFile,
    attributes: Attributes,
    id_column: IdColumn,
    day: Annotated[str, typer.Option(help="The UTC day of the rows, such as 2026-11-20.")],
    sender: Sender,
    out: Out,
    slots: Annotated[Path, typer.Option(help="Where to write who is in which slot, for whoever has the labels.")],
    segments: Annotated[
        list[str] | None, typer.Option("--segment", help="A segment that all rows are of, by its column's name.")
    ] = None,
    sign: Sign = None,
) -> None:
    """Seal the group and the decision of each row, for labels that come later; at most 8,191 rows an envelope."""
    from aimon.sealed.join.slots import Slots

    table = read_rows(rows)
    if id_column not in table.schema.names:
        raise SealedError(f"--id: {rows} has no column {id_column!r}")
    encoder = _encoder(plan, key, tuple(attributes), sender, sign)
    tags = {column: encoder.layout.segment(table, column) for column in segments or ()}
    sealed = encoder.records(table, day_of(day), tags=tags)
    ids = tuple(map(str, table.column(id_column).take(sealed.places).to_pylist()))
    write_new(
        slots, Slots(attributes=tuple(attributes), header=sealed.envelope.header, ids=ids).model_dump_json().encode()
    )
    write_new(out, sealed.envelope.to_bytes())
    typer.echo(f"{len(ids):,} records: {out} for the server, {slots} for whoever has the labels and for nobody else")


def labels(
    rows: Annotated[Path, typer.Argument(help="The labels and the ids of their records, Parquet or CSV.")],
    *,
    slots: Annotated[Path, typer.Option(help="What `aimon sealed records` wrote for whoever has the labels.")],
    plan: PlanFile,
    key: PublicFile,
    id_column: IdColumn,
    sender: Sender,
    out: Out,
    sign: Sign = None,
) -> None:
    """Seal the labels of records that were sealed elsewhere; those that are not known yet may be missing."""
    from aimon.sealed.join.slots import in_slots, read_slots

    wanted = read_slots(content_of(slots), str(slots))
    encoder = _encoder(plan, key, wanted.attributes, sender, sign)
    table = in_slots(wanted, read_rows(rows), id_column, str(rows))
    envelope = encoder.labels(table, wanted.header, wanted.records_id)
    write_new(out, envelope.to_bytes())
    known = table.num_rows - table.column(id_column).null_count
    typer.echo(f"labels of {known:,} of {table.num_rows:,} records: {out}")


def _encoder(plan: Path, key: Path, attributes: tuple[str, ...], sender: str, sign: Path | None) -> "JoinEncoder":
    from aimon.sealed.join.encoder import JoinEncoder
    from aimon.sealed.join.layout import JoinLayout
    from aimon.sealed.keys import read_public
    from aimon.sealed.plan import read_plan
    from aimon.sealed.sender import signer_of

    read, public = read_plan(plan), read_public(key)
    return JoinEncoder(
        JoinLayout(read.grid, attributes, public.parameters),
        public,
        model=read.model,
        version=read.version,
        sender=sender,
        number=time.time_ns(),
        signer=None if sign is None else signer_of(sign, sender),
    )
