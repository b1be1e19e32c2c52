from aimon.incident.channels.message import message_of
from tests.incident.channels.conftest import MakeNotice


def test_the_facts_are_those_of_the_worst_finding(notice: MakeNotice) -> None:
    message = message_of(notice(), "https://aimon.example.org/")
    assert message.facts == (
        ("Model", "loans"),
        ("Metric", "psi of income where channel=web"),
        ("Value and limit", "0.312 (limit 0.25)"),
        ("Severity", "critical"),
        ("Day", "2026-11-19"),
        ("Incident", "#42"),
    )
    assert message.link == "https://aimon.example.org/incidents/42"
    assert message.calls_out


def test_a_notice_without_findings_has_fewer_facts(notice: MakeNotice) -> None:
    message = message_of(notice(findings=[], kind="resolved"))
    assert [name for name, _ in message.facts] == ["Model", "Severity", "Incident"]
    assert message.link is None
    assert not message.calls_out


def test_intersections_are_joined(notice: MakeNotice) -> None:
    message = message_of(notice(findings=[{"metric": "gap", "column": ["sex", "race"], "value": None}]))
    assert dict(message.facts)["Metric"] == "gap of sex x race"
