from datetime import UTC, datetime, timedelta

from aimon.store import Store, labels, words
from aimon.store.words import Feedback, Judged, Label

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def label(name: str, value: object, source: str = "desk", hours: int = 0) -> Label:
    return Label(model="loans", id=name, source=source, label=value, timestamp=NOON + timedelta(hours=hours))


def said(name: str, correct: bool, source: str = "ann", kind: str = "sample", hours: int = 0) -> Feedback:
    at = NOON + timedelta(hours=hours)
    return Feedback(model="loans", id=name, source=source, correct=correct, kind=kind, timestamp=at)


def test_each_source_has_its_latest_word_and_sending_again_changes_nothing(store: Store) -> None:
    with store.transaction() as connection:
        assert words.put_labels(connection, [label("a", 1), label("b", 0)]) == 2
        assert words.put_labels(connection, [label("a", 1), label("b", 1, hours=-1)]) == 0
        assert words.put_labels(connection, [label("a", 0, hours=1)]) == 1
        assert labels.known(connection, "loans", ["a", "b", "c"], until=LATER) == {"a": 0, "b": 0}


def test_sources_that_disagree_are_kept_and_counted(store: Store) -> None:
    with store.transaction() as connection:
        words.put_labels(connection, [label("a", 1), label("a", 0, "court", 1), label("b", 1), label("b", 1, "court")])
        assert words.disagreements(connection, "loans") == (1, 0)


def test_feedback_is_counted_a_case_each_with_the_class_that_was_predicted(store: Store) -> None:
    with store.transaction() as connection:
        told = [said("a", True), said("a", False, "bob", hours=1), said("b", True), said("c", False, kind="dispute")]
        assert words.put_feedback(connection, told) == 4
        assert words.join_feedback(connection, "loans", {"a": "1", "b": "0", "x": "1"}) == 3
        assert words.join_feedback(connection, "loans", {"a": "0"}) == 0
        found = words.judged(connection, "loans")
        assert sorted(found, key=str) == sorted(
            [Judged("1", "sample", False, 1), Judged("0", "sample", True, 1), Judged(None, "dispute", False, 1)],
            key=str,
        )
        assert words.disagreements(connection, "loans") == (0, 1)
        assert words.lonely(connection, "loans") == ["c"]
