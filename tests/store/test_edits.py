"""Edits of files are kept on either database, each undone at most once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from aimon.store import Store, edits

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def add(store: Store, file: str, undoes: int | None = None) -> int:
    with store.transaction() as connection:
        return edits.add(
            connection,
            file=file,
            section="routes",
            at=NOW,
            author="user:ann",
            reason="because",
            before=None,
            after="routes: []",
            before_sha256="a",
            after_sha256="b",
            undoes=undoes,
        )


def test_edits_are_listed_from_the_newest_with_what_undid_them(store: Store) -> None:
    first, other = add(store, "aimon.yaml"), add(store, "models/a.yaml")
    undone = add(store, "aimon.yaml", undoes=first)
    with store.session() as connection:
        every = edits.query(connection)
        own = edits.query(connection, file="aimon.yaml", before=undone, limit=5)
        found = edits.get(connection, first)

    assert [(each.id, each.undone_by) for each in every] == [(undone, None), (other, None), (first, undone)]
    assert own == [found]
    assert found is not None
    assert (found.author, found.at, found.after) == ("user:ann", NOW, "routes: []")


def test_an_edit_is_undone_once(store: Store) -> None:
    number = add(store, "aimon.yaml")
    add(store, "aimon.yaml", undoes=number)
    with pytest.raises(IntegrityError):
        add(store, "aimon.yaml", undoes=number)
