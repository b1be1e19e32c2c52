"""`aimon sealed`: keys, sealing counts at a host, adding them without a key, and opening sums at their owner."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from aimon.cli.sealed_agent import agent
from aimon.cli.sealed_federation import federation
from aimon.cli.sealed_files import (
    Envelopes,
    Out,
    PlanFile,
    content_of,
    day_of,
    in_project,
    printed,
    read_envelopes,
    write_new,
)
from aimon.cli.sealed_join import labels, records
from aimon.cli.sealed_keys import backup, restore, rotate, sender
from aimon.cli.sealed_owner import ledger, trend
from aimon.errors import UserError

sealed = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
sealed.add_typer(federation, name="federation")
for command in (rotate, backup, restore, sender):
    sealed.command()(command)
for owned in (agent, ledger, trend):
    sealed.command()(owned)
for apart in (records, labels):
    sealed.command()(apart)


@sealed.callback()
def about() -> None:
    """Monitor a model on counts that only their owner can read."""


@sealed.command("keygen")
def keygen(
    folder: Annotated[Path, typer.Argument(help="A folder for the pair; the secret key stays there.")],
    labels: Annotated[bool, typer.Option("--labels", help="For labels that come apart from the counts.")] = False,
    scores: Annotated[bool, typer.Option("--scores", help="For drift scores without counts.")] = False,
) -> None:
    """Make a key pair: `public.key` for the hosts, `secret.key` for the owner alone."""
    from aimon.sealed.evaluation import EVALUATION
    from aimon.sealed.keys import PUBLIC, SECRET, generate
    from aimon.sealed.score_keys import generate_for_scores
    from aimon.sealed.seal.parameters import CUBE, JOIN

    if labels and scores:
        raise UserError("--labels, --scores: a pair is for one of both; make two, in two folders")
    key = (generate_for_scores(folder) if scores else generate(folder, JOIN if labels else CUBE)).id
    server = f", {folder / EVALUATION} to the server" if scores else ""
    typer.echo(f"key {key}: give {folder / PUBLIC} to the hosts{server}, keep {folder / SECRET} and a copy of it safe")


@sealed.command("plan")
def plan(
    reference: Annotated[Path, typer.Argument(help="Reference rows, Parquet or CSV; they stay here.")],
    spec: Annotated[Path, typer.Option(help="The model file.")],
    out: Out,
    flushes: Annotated[int, typer.Option(min=1, help="How many envelopes a day to plan the cost for.")] = 24,
    federated: Annotated[bool, typer.Option("--federated", help="For a key that several sites hold together.")] = False,
    counts: Annotated[Path | None, typer.Option(help="Where to write the counts that days are compared with.")] = None,
    scores: Annotated[Path | None, typer.Option(help="Where to write the plan of scores without counts.")] = None,
) -> None:
    """Freeze the coarse grid of a model from reference rows: what the hosts count on; says what sealing it costs."""
    from aimon.profile.build import build_grid
    from aimon.profile.count import count_all
    from aimon.profile.stored import to_bytes
    from aimon.sealed.coarse import sealed_grid
    from aimon.sealed.cost import cost
    from aimon.sealed.join.layout import join_layouts
    from aimon.sealed.plan import Plan
    from aimon.sealed.score_plan import score_plan
    from aimon.sealed.seal.parameters import CUBE, THRESHOLD
    from aimon.spec.modelfile import load_model

    model, chosen = load_model(spec), THRESHOLD if federated else CUBE
    grid = sealed_grid(build_grid(model, reference))
    made = Plan(model=model.model, version=model.version, parameters=chosen.name, grid=grid)
    write_new(out, made.model_dump_json(indent=1).encode())
    layout = made.layout
    if counts is not None:
        kept = layout.kept(count_all(layout.grid, reference))
        write_new(counts, to_bytes(kept, {"model": model.model, "version": model.version}))
    typer.echo(f"layout {layout.id}: {layout.size:,} counts in {layout.ciphertexts} ciphertexts an envelope, in {out}")
    typer.echo(cost(layout).told(flushes))
    if scores is not None:
        bins = score_plan(grid, count_all(grid, reference), model=model.model, version=model.version)
        write_new(scores, bins.model_dump_json(indent=1).encode())
        typer.echo(f"scores without counts: layout {bins.id}, {len(bins.columns)} columns, in {scores}")
    for attributes, joined in join_layouts(grid).items():
        typer.echo(f"labels that come later, by groups of {' and '.join(attributes)}: layout {joined}")


@sealed.command("encrypt")
def encrypt(
    rows: Annotated[Path, typer.Argument(help="Rows of one day, Parquet or CSV; they stay here.")],
    plan: PlanFile,
    key: Annotated[Path, typer.Option(help="The public key.")],
    day: Annotated[str, typer.Option(help="The UTC day of the rows, such as 2026-11-20.")],
    sender: Annotated[str, typer.Option(help="The name of this host.")],
    out: Out,
    sign: Annotated[Path | None, typer.Option(help="This host's key that `aimon sealed sender` made.")] = None,
    scores: Annotated[Path | None, typer.Option(help="Seal for scores alone, by this plan of `plan --scores`.")] = None,
) -> None:
    """Count rows and seal the counts into one envelope."""
    from aimon.profile.count import count_all
    from aimon.sealed.plan import read_plan
    from aimon.sealed.sealing import encoder_of
    from aimon.sealed.sender import signer_of

    signer = None if sign is None else signer_of(sign, sender)
    encoder = encoder_of(plan, key, scores, sender=sender, number=time.time_ns(), signer=signer)
    envelope = encoder.seal(count_all(read_plan(plan).grid, rows), day_of(day))
    content = envelope.to_bytes()
    write_new(out, content)
    typer.echo(f"{envelope.header.rows:,} rows in {len(content):,} bytes: {out}")


@sealed.command("inspect")
def inspect(envelope: Annotated[Path, typer.Argument(help="A sealed envelope.")]) -> None:
    """Print what anybody may read of an envelope, as JSON."""
    header = read_envelopes([envelope])[0].header
    typer.echo(json.dumps(header.model_dump(mode="json"), indent=2, ensure_ascii=False))


@sealed.command("add")
def add(ctx: typer.Context, envelopes: Envelopes, out: Out) -> None:
    """Add envelopes without any key; the sum comes with a manifest of what went into it.

    In a project, the manifest is also in the audit log.
    """
    from aimon.sealed.evaluator import add as added

    aggregate = added(read_envelopes(envelopes))
    if in_project(ctx.obj):
        from aimon.cli.recorded import recorded
        from aimon.govern.sealed import note_sum

        with recorded(ctx) as trail, trail.change(trail.actor) as change:
            note_sum(change, aggregate.manifest)
            write_new(out, aggregate.to_bytes())
    else:
        write_new(out, aggregate.to_bytes())
    typer.echo(f"{len(aggregate.manifest.inputs)} envelopes, manifest {aggregate.manifest.id[:16]}: {out}")


@sealed.command("verify")
def verify(
    ctx: typer.Context,
    result: Annotated[Path, typer.Argument(help="A sum, a weighted sum of a trend, joined labels, or scores.")],
    envelopes: Envelopes,
    seed: Annotated[Path | None, typer.Option(help="Of joined labels: the seed that the server keeps.")] = None,
    plan: Annotated[Path | None, typer.Option(help="Of scores: the plan of `plan --scores`.")] = None,
    evaluation: Annotated[Path | None, typer.Option(help="Of scores: `evaluation.key`.")] = None,
) -> None:
    """Make a result again of its envelopes and compare; in a project, say whether the audit log has it too."""
    from aimon.sealed.repeat import Means, repeated

    content, read = content_of(result), read_envelopes(envelopes)
    means = Means(seed=None if seed is None else content_of(seed), plan=plan, evaluation=evaluation)
    manifest, said = repeated(content, str(result), read, means)
    typer.echo(said)
    if in_project(ctx.obj):
        from aimon.cli.recorded import recorded
        from aimon.govern.sealed import check_noted

        with recorded(ctx) as trail:
            noted = check_noted(trail, manifest)
        typer.echo(f"record {noted.sequence:,} of the audit log has its manifest, since {noted.at[:19]}Z")


@sealed.command("open")
def open_(
    aggregate: Annotated[Path, typer.Argument(help="A sum that `aimon sealed add` wrote.")],
    envelopes: Envelopes,
    plan: PlanFile,
    key: Annotated[Path, typer.Option(help="The secret key, or the folder with it and those it replaced.")],
    least_rows: Annotated[int, typer.Option(min=1, help="The fewest rows that may be released together.")] = 50,
) -> None:
    """Decrypt a sum at its owner, and print the counts of all rows as JSON."""
    from aimon.sealed.evaluator import read_aggregate
    from aimon.sealed.gate import DecryptGate
    from aimon.sealed.plan import read_plan
    from aimon.sealed.rotation import secret_for

    read = read_aggregate(content_of(aggregate), str(aggregate))
    gate = DecryptGate(read_plan(plan).layout, *secret_for(key, read.manifest.key_id), least_rows=least_rows)
    profile = gate.open(read, read_envelopes(envelopes))
    typer.echo(json.dumps(printed(profile), ensure_ascii=False))
