import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.privacy.pii import RULES, TELLTALE, Pii, scrub, scrub_all

PERSONAL = [
    ("ann.o'hara+x@mail.example.co.uk", Pii.EMAIL),
    ("DE89 3704 0044 0532 0130 00", Pii.IBAN),
    ("GB29NWBK60161331926819", Pii.IBAN),
    ("FR1420041010050500013M02606", Pii.IBAN),
    ("4111111111111111", Pii.CARD),
    ("5500-0000-0000-0004", Pii.CARD),
    ("3782 822463 10005", Pii.CARD),
    ("219-09-9998", Pii.NATIONAL_ID),
    ("AB 12 34 56 C", Pii.NATIONAL_ID),
    ("2 55 08 14 168 025 38", Pii.NATIONAL_ID),
    ("12345678Z", Pii.NATIONAL_ID),
    ("X1234567L", Pii.NATIONAL_ID),
    ("RSSMRA85T10A562S", Pii.NATIONAL_ID),
    ("111.444.777-35", Pii.NATIONAL_ID),
    ("2341 2341 2346", Pii.NATIONAL_ID),
    ("86095742719", Pii.NATIONAL_ID),
    ("44051401359", Pii.NATIONAL_ID),
    ("640823-3234", Pii.NATIONAL_ID),
    ("203.0.113.7", Pii.IP),
    ("2001:db8::8a2e:370:7334", Pii.IP),
    ("+49 30 901820", Pii.PHONE),
    ("+1 (212) 555-0123", Pii.PHONE),
    ("(212) 555-0123", Pii.PHONE),
    ("020 7946 0958", Pii.PHONE),
    ("AKIAIOSFODNN7EXAMPLE", Pii.SECRET),
    ("ghp_" + "a1B2" * 9, Pii.SECRET),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_123", Pii.SECRET),
    ("password: hunter22", Pii.SECRET),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", Pii.SECRET),
]

HARMLESS = [
    "order 4111 1111 1111 1112 of 2026-11-20",
    "the loan of 12,345.67 over 360 months at 3.25 %",
    "version 1.2.3.4 of the protocol",
    "0000000000000000",
    "DE88370400440532013000",
    "900-12-3456 is not given to anybody",
    "at 12:30:45 the 3:4 ratio",
    "f1 score 0.8123456789",
    "a mention of @home and e-mail",
    "",
]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_personal_data_is_found_within_a_sentence(text: str, kind: Pii) -> None:
    scrubbed = scrub(f"Please note: {text}, and call back.")
    assert scrubbed.text == f"Please note: [{kind}], and call back."
    assert scrubbed.found == {kind: 1}


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_that_only_look_alike_stay(text: str) -> None:
    assert scrub(text).text == text
    assert scrub(text).found == {}


@given(st.text(max_size=200))
def test_scrubbing_again_finds_nothing_more(text: str) -> None:
    once = scrub(text).text
    assert scrub(once).text == once


def without_marks(text: str) -> str:
    """What every rule makes of a text, whatever its marks and digits say."""
    for each in RULES:
        text = each.pattern.sub(
            lambda found, each=each: found[0] if each.check and not each.check(found[0]) else f"[{each.kind}]", text
        )
    return text


PIECES = st.one_of(
    st.sampled_from([text for text, _ in PERSONAL] + HARMLESS),
    st.from_regex(r"[A-Za-z0-9@:=_ .+-]{0,30}", fullmatch=True),
)


@given(st.lists(PIECES, max_size=4).map(" ".join))
def test_the_marks_of_a_rule_only_spare_work(text: str) -> None:
    assert scrub(text).text == without_marks(text)


@given(st.lists(st.sampled_from([text for text, _ in PERSONAL] + HARMLESS), min_size=1, max_size=5))
def test_many_texts_at_once_are_scrubbed_as_one_by_one(texts: list[str]) -> None:
    assert scrub_all([*texts, None]) == [*(scrub(text) for text in texts), None]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_no_find_escapes_the_first_look(text: str, kind: Pii) -> None:
    assert any(each.kind is kind and each.pattern.search(text) for each in RULES)
    assert re.search(TELLTALE, text)


@pytest.mark.parametrize("text", ["1", "1 ", "a@", "0:", "a.", "+1(", "A1", "-----BEGIN PRIVATE KEY-----"])
def test_no_text_holds_a_rule_up(text: str) -> None:
    start = time.process_time()
    scrub(text * 20_000)
    assert time.process_time() - start < 1.5
