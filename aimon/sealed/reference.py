"""What a sealed model is compared with. In: its plan and the counts of reference rows. Out: both, checked together."""

from pathlib import Path

from aimon.errors import SealedError
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.profile.stored import from_bytes
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.plan import Plan, read_plan
from aimon.sealed.score_plan import ScorePlan, read_score_plan
from aimon.sealed.seal.parameters import JOIN
from aimon.spec.model import CountsBaseline, ModelSpec
from aimon.spec.sealed import SealedSource


def model_plan(root: Path, spec: ModelSpec) -> Plan:
    """The plan that the model's file names; SealedError where it is another one than it declares."""
    path, source = _plan_file(root, spec)
    plan = read_plan(path)
    _check_plan(path, spec, source.layout, plan.layout.id, plan)
    return plan


def model_scores(root: Path, spec: ModelSpec) -> ScorePlan:
    """The plan of scores that the model's file names; SealedError where it is another one than it declares."""
    path, source = _plan_file(root, spec)
    plan = read_score_plan(path)
    _check_plan(path, spec, source.layout, plan.id, plan)
    return plan


def _plan_file(root: Path, spec: ModelSpec) -> tuple[Path, SealedSource]:
    source = spec.source
    if not isinstance(source, SealedSource) or source.plan is None:
        raise SealedError(f"{spec.model}: its file names no plan; write source: {{plan: ...}}")
    return root / source.plan, source


def _check_plan(path: Path, spec: ModelSpec, declared: str, layout: str, plan: Plan | ScorePlan) -> None:
    for what, found, wanted in (("layout", layout, declared), ("version", plan.version, spec.version)):
        if found != wanted:
            raise SealedError(f"{path} is of {what} {found}, and {spec.model} is declared with {what} {wanted}")
    if plan.model not in (spec.model, spec.name, *spec.formerly):
        raise SealedError(f"{path} is the plan of {plan.model}, not of {spec.name}")


def join_layout(root: Path, spec: ModelSpec) -> JoinLayout:
    """How the model's labels are joined; SealedError where its file says so otherwise than its plan."""
    source = spec.source
    if not isinstance(source, SealedSource) or source.join is None:
        raise SealedError(f"{spec.name} joins no labels here; write source: {{join: ...}} as on the server")
    layout = JoinLayout(model_plan(root, spec).grid, source.join.attributes, JOIN)
    if layout.id != source.join.layout:
        told = " and ".join(layout.attributes)
        raise SealedError(f"the plan joins {told} on layout {layout.id}, not on {source.join.layout}")
    return layout


def sealed_reference(root: Path, spec: ModelSpec) -> tuple[Grid, Profile, dict[str, str]]:
    """The plan's grid, the reference's counts on it, and where they lie."""
    baseline = spec.baseline
    if not isinstance(baseline, CountsBaseline):
        raise SealedError(f"{spec.model}: its file names no counts to compare with; write baseline: {{counts: ...}}")
    grid = model_plan(root, spec).layout.grid
    path = root / baseline.counts
    try:
        profile = from_bytes(path.read_bytes()).profile()
    except OSError as error:
        raise SealedError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SealedError(f"{path} holds no counts; write them with `aimon sealed plan --counts`") from error
    if profile.grid_id != grid.id:
        raise SealedError(f"{path} holds counts of another plan; write them with `aimon sealed plan --counts`")
    return grid, profile, {"counts": baseline.counts}
