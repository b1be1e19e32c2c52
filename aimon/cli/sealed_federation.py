"""`aimon sealed federation`: a key that several sites hold together; messages are files that anybody may carry."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from aimon.cli.sealed_files import Envelopes, Out, PlanFile, content_of, day_of, printed, read_envelopes, write_new
from aimon.cli.sealed_judge import judge

if TYPE_CHECKING:
    from aimon.sealed.federation.message import Body, Message

federation = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="This site's own folder; its keys stay there.")]
Commits = Annotated[list[Path], typer.Option("--commit", help="The commit of a site; once for each site.")]
Sum = Annotated[Path, typer.Argument(metavar="SUM", help="A sum that `aimon sealed add` wrote.")]
B = TypeVar("B", bound="Body")


federation.command("judge")(judge)


@federation.callback()
def about() -> None:
    """Hold one key together with other sites: sums are opened by several of them, and by nobody alone."""


@federation.command("start")
def start(
    charter: Annotated[Path, typer.Argument(help="Where to write the charter; send it to every site.")],
    name: Annotated[str, typer.Option(help="The federation's name.")],
    site: Annotated[list[str], typer.Option(help="The name of a site; once for each.")],
    threshold: Annotated[int, typer.Option(help="How many sites must open a sum together.")],
    least_rows: Annotated[int, typer.Option(min=1, help="The fewest rows that may be opened together.")] = 50,
) -> None:
    """Write the charter: who takes part, and how many must open a sum together."""
    from aimon.sealed.federation.charter import new_charter

    made = new_charter(name, site, threshold, least_rows)
    write_new(charter, f"{made.model_dump_json(indent=1)}\n".encode())
    typer.echo(f"{threshold} of {len(site)} sites open together; charter {made.id[:16]} in {charter}, for every site")
    if 2 * threshold <= len(site):
        typer.echo(
            "note: two groups of sites that share none can open sums, and neither knows what the other opened; with a "
            f"threshold of {len(site) // 2 + 1} any two share a site, which remembers"
        )


@federation.command("commit")
def commit(
    charter: Annotated[Path, typer.Argument(help="The charter, the same for every site.")],
    folder: Folder,
    site: Annotated[str, typer.Option(help="Which of its sites this one is.")],
    alone: Annotated[
        bool, typer.Option("--alone", help="Agree that sums of this site's rows only may be opened.")
    ] = False,
) -> None:
    """Draw this site's secret, and promise its key share before any other is known: `SITE.commit`, for all sites."""
    from aimon.sealed.federation.charter import read_charter
    from aimon.sealed.federation.folder import create

    made = create(folder, read_charter(charter), site)
    out = folder / f"{site}.commit"
    write_new(out, made.commit(alone=alone))
    typer.echo(f"charter {made.charter.id[:16]}: send {out} to every site, and keep a copy of {folder / 'site.key'}")


@federation.command("reveal")
def reveal(folder: Folder, commits: Commits) -> None:
    """Show the key share, once everybody's promise is here: `SITE.reveal`, for all sites."""
    from aimon.sealed.federation.folder import open_site
    from aimon.sealed.federation.message import Commit
    from aimon.sealed.federation.session import session_id

    site = open_site(folder)
    known = _messages(commits, Commit)
    out = folder / f"{site.name}.reveal"
    write_new(out, site.reveal(known))
    session = session_id(site.charter, known)
    typer.echo(f"fingerprint {session[:16]}: it must be the same at every site, ask them; send {out} to all of them")


@federation.command("combine")
def combine(
    folder: Folder,
    commits: Commits,
    reveals: Annotated[list[Path], typer.Option("--reveal", help="The reveal of a site; once for each site.")],
) -> None:
    """Hold every key share against its promise, and make the joint key: `public.key`, the same at every site."""
    from aimon.sealed.federation.folder import keep, open_site
    from aimon.sealed.federation.message import Commit, Reveal

    session, public, share = open_site(folder).combine(_messages(commits, Commit), _messages(reveals, Reveal))
    keep(folder, session, public, share)
    typer.echo(f"joint key {public.id}, fingerprint {session.id[:16]}: both must be the same at every site")


@federation.command("encrypt")
def encrypt(
    folder: Folder,
    rows: Annotated[Path, typer.Argument(help="Rows of one day, Parquet or CSV; they stay here.")],
    plan: PlanFile,
    day: Annotated[str, typer.Option(help="The UTC day of the rows, such as 2026-11-20.")],
    out: Out,
) -> None:
    """Count rows, seal the counts under the joint key, and sign the envelope as this site."""
    import time

    from aimon.profile.count import count_all
    from aimon.sealed.encoder import Encoder
    from aimon.sealed.federation.folder import open_site
    from aimon.sealed.keys import PUBLIC, read_public
    from aimon.sealed.plan import read_plan

    site, read = open_site(folder), read_plan(plan)
    encoder = Encoder(
        read.layout,
        read_public(folder / PUBLIC),
        model=read.model,
        version=read.version,
        sender=site.name,
        number=time.time_ns(),
        signer=site.signer,
    )
    envelope = encoder.seal(count_all(read.layout.grid, rows), day_of(day))
    content = envelope.to_bytes()
    write_new(out, content)
    typer.echo(f"{envelope.header.rows:,} rows in {len(content):,} bytes: {out}")


@federation.command("partial")
def partial(
    folder: Folder,
    total: Sum,
    envelopes: Envelopes,
    openers: Annotated[
        list[str], typer.Option("--with", help="A site that opens, this one too; as many as the charter says.")
    ],
    out: Out,
) -> None:
    """Help to open a sum: this site's part, if it agrees with what is to be opened. It is of use with the others'."""
    from aimon.sealed.evaluator import read_aggregate
    from aimon.sealed.federation.folder import open_holder

    read = read_aggregate(content_of(total), str(total))
    write_new(out, open_holder(folder).partial(read, read_envelopes(envelopes), openers))
    typer.echo(f"the part of {len(read.manifest.inputs)} envelopes, {read.manifest.rows:,} rows: {out}")


@federation.command("fuse")
def fuse(
    folder: Folder,
    total: Sum,
    envelopes: Envelopes,
    parts: Annotated[list[Path], typer.Option("--part", help="The part of a site that opens; once for each.")],
    plan: PlanFile,
    counts: Annotated[Path | None, typer.Option(help="Write all counts there, for `judge`.")] = None,
) -> None:
    """Open a sum with everybody's parts, and print the counts of all rows as JSON."""
    from aimon.profile.stored import to_bytes
    from aimon.sealed.evaluator import read_aggregate
    from aimon.sealed.federation.folder import SESSION
    from aimon.sealed.federation.message import Part
    from aimon.sealed.federation.opening import fuse as fused
    from aimon.sealed.federation.session import read_session
    from aimon.sealed.plan import read_plan

    read = read_aggregate(content_of(total), str(total))
    session, planned = read_session(folder / SESSION), read_plan(plan)
    profile = fused(session, planned.layout, read, read_envelopes(envelopes), _messages(parts, Part))
    if counts is not None:
        write_new(counts, to_bytes(profile, {"model": planned.model, "version": planned.version}))
    typer.echo(json.dumps(printed(profile), ensure_ascii=False))


def _messages(paths: list[Path], kind: "type[B]") -> "list[Message[B]]":
    from aimon.sealed.federation.message import read_message

    return [read_message(content_of(path), str(path), kind) for path in paths]
