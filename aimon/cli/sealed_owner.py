"""`aimon sealed ledger`, `trend`: at the owner of the key, what was released so far, and the line through days."""

import json
from pathlib import Path
from typing import Annotated

import typer

from aimon.cli.sealed_files import Envelopes, PlanFile, in_project, read_envelopes, write_new
from aimon.clock import iso
from aimon.errors import SealedError

Key = Annotated[Path, typer.Option(help="The secret key.")]
LedgerFile = Annotated[Path, typer.Argument(help="The ledger of a model.")]


def ledger(
    file: LedgerFile,
    key: Key,
    delta: Annotated[float, typer.Option(help="How likely the epsilon may fail; as in the model file.")] = 1e-6,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Follow a ledger of releases, and print them; a line that was changed, moved or taken out is named."""
    from aimon.sealed.keys import read_secret
    from aimon.sealed.ledger import Ledger

    if not file.exists():
        raise SealedError(f"{file} is not there; the agent writes it into the folder `sealed` of its project")
    if not 0 < delta < 1:
        raise SealedError(f"--delta: {delta:g} is no chance between 0 and 1")
    secret, _ = read_secret(key)
    found = Ledger(file, secret.ledger_key)
    spent = found.epsilon(delta)
    if as_json:
        told = [{**each.model_dump(mode="json"), "envelopes": len(each.rows)} for each in found.releases]
        typer.echo(json.dumps({"releases": told, "epsilon": spent, "delta": delta, "head": found.head}, indent=2))
        return
    for each in found.releases:
        noise = f", noise {each.sigma:.4g}" if each.sigma else ""
        rows = f"{each.released_rows:,} rows of {len(each.rows)} envelopes"
        typer.echo(f"{iso(each.at)}  {each.manifest_id[:16]}  {rows}{noise}")
    cost = f"epsilon {spent:.4g} at a delta of {delta:g} spent"
    typer.echo(f"{len(found.releases)} releases, {cost}, head {found.head[:16]}")


def trend(
    ctx: typer.Context,
    envelopes: Envelopes,
    plan: PlanFile,
    key: Key,
    table: Annotated[str, typer.Option(help="The table whose counts are wanted, such as column:income.")],
    ledger_file: Annotated[Path, typer.Option("--ledger", help="The ledger in which the release is noted.")],
    total: Annotated[Path | None, typer.Option("--sum", help="Write the weighted sum there, for `verify`.")] = None,
) -> None:
    """Fit a line through each count of three days or more, and print level and slope a day as JSON."""
    from aimon.profile.profile import TableKey
    from aimon.sealed.gate import DecryptGate
    from aimon.sealed.keys import read_secret
    from aimon.sealed.ledger import Ledger
    from aimon.sealed.plan import read_plan
    from aimon.sealed.trend import slope

    (secret, key_id), read = read_secret(key), read_envelopes(envelopes)
    gate = DecryptGate(read_plan(plan).layout, secret, key_id, ledger=Ledger(ledger_file, secret.ledger_key))
    wanted = TableKey(table)
    if wanted not in {entry.key for entry in gate.layout.entries}:
        known = ", ".join(sorted({entry.key.table for entry in gate.layout.entries}))
        raise SealedError(f"--table: the plan has no table {table!r}; it has {known}")
    weighted = slope(read)
    found = gate.open_trend(weighted, read)
    if in_project(ctx.obj):
        from aimon.cli.recorded import recorded
        from aimon.govern.sealed import note_sum

        with recorded(ctx) as trail, trail.change(trail.actor) as change:
            note_sum(change, weighted.manifest)
    if total is not None:
        write_new(total, weighted.to_bytes())
    level = found.level.get(wanted)
    if level is None:
        raise SealedError(f"--table: no row of these days has what {table!r} counts")
    told = {
        "days": [day.isoformat() for day in found.days],
        "level": level.ravel().tolist(),
        "slope": (found.slope[wanted] if wanted in found.slope else level * 0).ravel().tolist(),
    }
    typer.echo(json.dumps(told))
