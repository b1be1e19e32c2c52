import json

from aimon.incident.channels.message import message_of
from aimon.incident.channels.teams import TeamsChannel, card_of
from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import http_receiver


def test_a_card_has_title_text_facts_and_a_button(notice: MakeNotice) -> None:
    content = card_of(message_of(notice(), "https://aimon.example.org"))
    (attachment,) = content["attachments"]
    card = attachment["content"]
    assert (content["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    title, text, facts, _ = card["body"]
    assert (title["color"], title["wrap"]) == ("Attention", True)
    assert "Next: compare" in text["text"]
    assert facts["facts"][0] == {"title": "Model", "value": "loans"}
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open the dashboard", "url": "https://aimon.example.org/incidents/42"}
    ]


def test_a_card_fits_into_what_teams_takes_whatever_the_alphabet(notice: MakeNotice) -> None:
    with http_receiver(202) as receiver:
        channel = TeamsChannel(f"{receiver.url}/workflow?sig=x", allow_private=True)
        channel.send(notice(body="漢" * 50_000))
        channel.send(notice())
    assert [request.path for request in receiver.taken] == ["/workflow?sig=x"] * 2
    assert all(len(request.body) <= 28 * 1024 for request in receiver.taken)
    assert "漢" * 900 in json.dumps(receiver.taken[0].json, ensure_ascii=False)
