"""`aimon models`: what is declared, as a list or one model in full."""

import json
from typing import Annotated, Any

import typer
import yaml

from aimon.cli.terminal import table
from aimon.errors import ConfigError, UserError
from aimon.intake.environment import masked
from aimon.spec.model import CollectorSource, ModelSpec, SqlSource
from aimon.spec.modelfile import read_model_file
from aimon.spec.project import Project, load_project_leniently
from aimon.spec.wording import did_you_mean, quoted

models = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)
HEAD = ("MODEL", "VERSION", "TASK", "SOURCE", "OWNER", "")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@models.callback()
def default(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the declared models, or show one."""
    if ctx.invoked_subcommand is None:
        list_models(ctx, as_json)


@models.command("list")
def list_models(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the declared models. Those whose files hold mistakes are named on stderr."""
    project = load_project_leniently(ctx.obj)
    if as_json:
        rows = [{"file": str(project.files[name]), **_shown(spec)} for name, spec in project.models.items()]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        shown = [_row(spec) for spec in project.models.values()]
        typer.echo(table(HEAD, shown) if shown else "No models are declared.")
    if project.mistakes:
        raise ConfigError(project.mistakes)


@models.command("show")
def show_model(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="MODEL")], as_json: AsJson = False
) -> None:
    """Show one model as it is declared, or with --json as it is understood, defaults included."""
    project = load_project_leniently(ctx.obj)
    spec = project.models.get(name)
    if spec is None:
        raise _absent(name, project)
    if as_json:
        typer.echo(json.dumps({"file": str(project.files[name]), **_shown(spec)}, indent=2, ensure_ascii=False))
        return
    declared = _masked(spec).model_dump(mode="json", by_alias=True, exclude_unset=True)
    typer.echo(f"# {project.files[name]}")
    typer.echo(yaml.safe_dump(declared, sort_keys=False, allow_unicode=True, default_flow_style=None).rstrip())


def _absent(name: str, project: Project) -> UserError:
    """Why there is no such model: its file holds mistakes, or nobody declared it."""
    broken = {mistake.file for mistake in project.mistakes}
    mine = {file for file in broken if read_model_file(project.root / file, file).model == name}
    if mine:
        return ConfigError(mistake for mistake in project.mistakes if mistake.file in mine)
    return UserError(f"there is no model {quoted(name)}; {did_you_mean(name, project.models)}")


def _shown(spec: ModelSpec) -> dict[str, Any]:
    return _masked(spec).model_dump(mode="json", by_alias=True)


def _masked(spec: ModelSpec) -> ModelSpec:
    """The declaration with no password in it."""
    if not isinstance(spec.source, SqlSource):
        return spec
    return spec.model_copy(update={"source": spec.source.model_copy(update={"url": masked(spec.source.url)})})


def _row(spec: ModelSpec) -> tuple[str, ...]:
    source = spec.source
    where = "none" if source is None else "collector" if isinstance(source, CollectorSource) else source.kind
    return spec.model, spec.version, spec.task, where, spec.owner or "", "retired" if spec.retired else ""
