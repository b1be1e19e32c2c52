"""Personal data and secrets in texts, by rules that need no model. In: a text. Out: the text without them, and counts.

A number is personal only if its check digits hold, so that order numbers and amounts stay. What is found is replaced by
its kind in brackets; nothing of it is kept or logged.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aimon.privacy import checkdigits
from aimon.privacy.checkdigits import Check


class Pii(StrEnum):
    """The kinds, as they stand in a scrubbed text."""

    SECRET = "secret"  # noqa: S105 - the kind's name
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    NATIONAL_ID = "national id"
    IP = "ip"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and a check that most chance matches fail."""

    kind: Pii
    pattern: re.Pattern[str]
    check: Check | None = None
    marks: tuple[str, ...] = ()
    """A text without any of these holds no match; none where only its digits tell."""
    digits: int = 0
    """How many digits a match has at least."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text without personal data, and how much of which kind was in it."""

    text: str
    found: Mapping[Pii, int]


def rule(kind: Pii, pattern: str, check: Check | None = None, *, marks: str = "", digits: int = 0) -> Rule:
    """A rule whose match begins and ends at the edge of a word or number; `marks` are parted by spaces."""
    return Rule(kind, re.compile(rf"(?<![\w.]){pattern}(?!\w)", re.ASCII), check, tuple(marks.split()), digits)


def address(text: str) -> bool:
    """An IP address of a machine; versions such as 1.2.3.4 look the same, so the small ones are left."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (found.is_unspecified or found.is_loopback or (found.version == 4 and int(found) >> 24 < 10))


def telephone(text: str) -> bool:
    """Between 8 and 15 digits, as numbers with a country or area have."""
    return 8 <= len(checkdigits.digits(text)) <= 15


SECRETS = (
    (r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", "-----BEGIN"),
    (r"(?:AKIA|ASIA)[A-Z0-9]{16}", "AKIA ASIA"),
    (r"gh[oprsu]_[A-Za-z0-9]{36,}", "gho_ ghp_ ghr_ ghs_ ghu_"),
    (r"github_pat_[A-Za-z0-9_]{22,}", "github_pat_"),
    (r"glpat-[A-Za-z0-9_-]{20,}", "glpat-"),
    (r"xox[abeoprs]-[A-Za-z0-9-]{10,}", "xox"),
    (r"sk-[A-Za-z0-9_-]{20,}", "sk-"),
    (r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}", "k_live_ k_test_"),
    (r"AIza[A-Za-z0-9_-]{35}", "AIza"),
    (r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", "eyJ"),
    (r"(?i:password|passwd|pwd|secret|token|api[_-]?key)[\"']?\s?[:=]\s?[\"']?[^\s\"',;]{6,}", ": ="),
)

GRAVITY = {
    Pii.SECRET: 1.0,
    Pii.NATIONAL_ID: 1.0,
    Pii.CARD: 1.0,
    Pii.IBAN: 0.8,
    Pii.EMAIL: 0.6,
    Pii.PHONE: 0.6,
    Pii.IP: 0.3,
}
"""What a stranger could do with it. A source's score is 100 times the mean over its texts."""

RULES = (
    *(rule(Pii.SECRET, pattern, marks=marks) for pattern, marks in SECRETS),
    rule(Pii.EMAIL, r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}", marks="@"),
    rule(Pii.IBAN, r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?", checkdigits.iban, digits=2),
    rule(Pii.CARD, r"(?:\d{4}[ -]?){3}\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{5}", checkdigits.luhn, digits=13),
    rule(Pii.NATIONAL_ID, r"\d{3}-\d{2}-\d{4}", checkdigits.social_security, digits=9),
    rule(Pii.NATIONAL_ID, r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", digits=6),
    rule(Pii.NATIONAL_ID, r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", checkdigits.nir, digits=14),
    rule(Pii.NATIONAL_ID, r"[XYZ\d]\d{7}-?[A-Z]", checkdigits.dni, digits=7),
    rule(Pii.NATIONAL_ID, r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", checkdigits.codice_fiscale, digits=7),
    rule(Pii.NATIONAL_ID, r"\d{3}\.\d{3}\.\d{3}-\d{2}", checkdigits.cpf, digits=11),
    rule(Pii.NATIONAL_ID, r"[2-9]\d{3} \d{4} \d{4}", checkdigits.aadhaar, digits=12),
    rule(Pii.NATIONAL_ID, r"[1-9]\d \d{3} \d{3} \d{3}|[1-9]\d{10}", checkdigits.steuer_id, digits=11),
    rule(Pii.NATIONAL_ID, r"\d{11}", checkdigits.pesel, digits=11),
    rule(Pii.NATIONAL_ID, r"\d{6}[-+]\d{4}", checkdigits.luhn, digits=10),
    rule(Pii.NATIONAL_ID, r"(?<=BSN )\d{9}|(?<=BSN: )\d{9}", checkdigits.bsn, marks="BSN"),
    rule(Pii.IP, r"(?:\d{1,3}\.){3}\d{1,3}", address, digits=4),
    rule(Pii.IP, r"(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,7}", address, marks=":"),
    Rule(Pii.PHONE, re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ .()/-]{0,2}\d){6,12}(?!\w)"), telephone, (), 7),
    Rule(Pii.PHONE, re.compile(r"(?<![\w+])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)"), telephone, (), 10),
    Rule(Pii.PHONE, re.compile(r"(?<![\w+.])0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,5}(?!\w)"), telephone, (), 9),
)
"""In order: what an earlier rule took, a later one does not see."""

TELLTALE = "|".join(
    (
        r"@",
        r"\d[ .()/-]{0,2}\d[ .()/-]{0,2}\d",
        r"[0-9a-fA-F]:[0-9a-fA-F:]",
        r"[=:]\s?[\"']?\S{6}",
        r"[A-Z]{6}\d",
        r"PRIVATE KEY|github_pat_|_[A-Za-z0-9]{16}|eyJ|sk-|AIza|AKIA|ASIA|xox|glpat",
    )
)
"""A text without any of this holds nothing that a rule could find. Python and Arrow read it alike."""

_TELLTALE = re.compile(TELLTALE)
_HARMLESS = re.compile(r"[A-Z]?[a-z ,;.!?'()]*(?: [A-Z][a-z ,;.!?'()]*)*")
"""Plain words: without digits, signs, or capitals inside a word there is no telltale. Read several times faster."""
_DIGIT = re.compile(r"\d")


def scrub(text: str) -> Scrubbed:
    """The text with each find replaced by its kind.

    >>> scrub("write to ann@example.org, card 4111 1111 1111 1111, order 4111 1111 1111 1112").text
    'write to [email], card [card], order 4111 1111 1111 1112'
    """
    if _HARMLESS.fullmatch(text) is not None or _TELLTALE.search(text) is None:
        return Scrubbed(text, {})
    found: Counter[Pii] = Counter()
    digits = len(_DIGIT.findall(text))
    for each in RULES:
        if each.digits <= digits and (not each.marks or any(mark in text for mark in each.marks)):
            text = _apply(each, text, found)
    return Scrubbed(text, dict(found))


def gravity(found: Mapping[Pii, int]) -> float:
    """How much a text gives away, from 0 to 1, by the worst of its finds.

    >>> gravity({Pii.IP: 3, Pii.EMAIL: 1}), gravity({})
    (0.6, 0.0)
    """
    return max((GRAVITY[kind] for kind in found), default=0.0)


def _apply(each: Rule, text: str, found: Counter[Pii]) -> str:
    def replaced(match: re.Match[str]) -> str:
        if each.check is not None and not each.check(match[0]):
            return match[0]
        found[each.kind] += 1
        return f"[{each.kind}]"

    return each.pattern.sub(replaced, text)


def scrub_all(texts: Sequence[str | None]) -> list[Scrubbed | None]:
    """Many texts at once: Arrow sorts out the harmless ones, which are most."""
    import pyarrow as pa
    import pyarrow.compute as pc

    suspicious = pc.match_substring_regex(pa.array(texts, pa.large_string()), TELLTALE).to_pylist()
    return [
        None if text is None else scrub(text) if suspect else Scrubbed(text, {})
        for text, suspect in zip(texts, suspicious, strict=True)
    ]
