import pytest

from aimon.errors import StoreError
from aimon.spec.model import Columns, ModelSpec, Task
from aimon.store import Store, registry
from aimon.store.registry import Change


def spec(model: str, *formerly: str, version: str = "1", retired: bool = False) -> ModelSpec:
    return ModelSpec(
        model=model,
        version=version,
        task=Task.BINARY,
        owner="risk-team",
        columns=Columns(prediction="decision"),
        formerly=formerly,
        retired=retired,
    )


def declare(store: Store, declared: ModelSpec, sha256: str = "ab") -> Change:
    with store.transaction() as connection:
        return registry.declare(connection, declared, file=f"models/{declared.model}.yaml", yaml_sha256=sha256)


def names(store: Store, *, retired: bool | None = False) -> list[str]:
    with store.session() as connection:
        return [model.model for model in registry.models(connection, retired=retired)]


def test_a_model_is_added_once_and_changed_when_its_file_changes(store: Store) -> None:
    assert declare(store, spec("loans")) is Change.ADDED
    assert declare(store, spec("loans")) is Change.NONE
    assert declare(store, spec("loans", version="2"), sha256="cd") is Change.CHANGED
    with store.session() as connection:
        known = registry.get(connection, "loans")
    assert known is not None
    assert (known.key, known.version, known.task, known.owner) == ("loans", "2", "binary", "risk-team")
    assert (known.file, known.yaml_sha256, known.formerly) == ("models/loans.yaml", "cd", ())
    assert known.changed_at >= known.first_seen_at


def test_retiring_is_a_flag_and_the_model_stays(store: Store) -> None:
    declare(store, spec("fraud"))
    declare(store, spec("loans"))
    declare(store, spec("loans", retired=True), sha256="cd")
    assert names(store) == ["fraud"]
    assert names(store, retired=True) == ["loans"]
    assert names(store, retired=None) == ["fraud", "loans"]


def test_a_renamed_model_keeps_its_key_through_every_rename(store: Store) -> None:
    declare(store, spec("loans"))
    assert declare(store, spec("credit", "loans")) is Change.RENAMED
    assert declare(store, spec("lending", "credit", "loans")) is Change.RENAMED
    with store.session() as connection:
        known = registry.get(connection, "lending")
        assert registry.get(connection, "loans") is None
    assert known is not None
    assert (known.key, known.formerly) == ("loans", ("credit", "loans"))


def test_a_former_name_is_not_given_to_another_model(store: Store) -> None:
    declare(store, spec("loans"))
    declare(store, spec("credit", "loans"))
    with pytest.raises(StoreError) as caught:
        declare(store, spec("loans"))
    assert str(caught.value) == (
        "models/loans.yaml: the name loans belongs to the history of credit, which was called so once; "
        "give the new model a name that was never used"
    )
