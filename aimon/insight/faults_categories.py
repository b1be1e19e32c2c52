"""Categories under another name: spelt, encoded, shortened or renamed. In: a pair of columns. Out: faults."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aimon.insight.faults_named import DataFault, FaultKind, percent
from aimon.insight.faults_values import LEAST_ROWS, SURE, Pair, rose

NEW = 0.01
RENAMED = 0.03
TRUE = {"true", "yes", "y", "1", "t", "on"}
FALSE = {"false", "no", "n", "0", "f", "off"}


@dataclass(frozen=True, slots=True)
class _Change:
    """Categories that came in (with their rows now) and that went (with their rows before)."""

    came: Mapping[str, int]
    went: Mapping[str, int]


def renamed(pair: Pair) -> Iterator[DataFault]:
    """Categories that came in and look like known ones under another name; each is explained once."""
    before, now = pair.reference, pair.current
    if min(before.rows, now.rows) < LEAST_ROWS or len(before.counts) > before.rows / 5:
        return
    came = {
        text: count
        for text, count in now.counts.items()
        if rose(before.counts.get(text, 0), before.rows, count, now.rows, 0.0)
        and count >= NEW * now.rows
        and before.counts.get(text, 0) < 0.001 * before.rows
    }
    went = {
        text: count
        for text, count in before.counts.items()
        if count >= NEW * before.rows and now.counts.get(text, 0) < 0.1 * count * now.rows / before.rows
    }
    known = before.counts
    for kind, words, same in _NAMINGS:
        found = {text: same(text, known) for text in came}
        explained = {text: old for text, old in found.items() if old is not None}
        if explained:
            yield _fault(kind, words, pair, explained, came)
            came = {text: count for text, count in came.items() if text not in explained}
            went = {text: count for text, count in went.items() if text not in explained.values()}
    yield from _shortened(pair, came)
    yield from _replaced(pair, _Change(came, went))


def _fault(kind: FaultKind, words: str, pair: Pair, explained: Mapping[str, str], came: Mapping[str, int]) -> DataFault:
    share = sum(came[text] for text in explained) / pair.current.rows
    text, old = max(explained.items(), key=lambda item: (came[item[0]], item[0]))
    more = f" and {len(explained) - 1} more" if len(explained) > 1 else ""
    sentence = f"values of {pair.name} {words}: '{text}' for '{old}'{more}, {percent(share)} of the rows"
    return DataFault(kind, pair.name, share, sentence)


def _same_spelling(text: str, known: Mapping[str, int]) -> str | None:
    return _only(known, lambda old: _folded(old) == _folded(text))


def _same_truth(text: str, known: Mapping[str, int]) -> str | None:
    if not 1 <= len(known) <= 3:
        return None
    for names in (TRUE, FALSE):
        if text.casefold() in names:
            return _only(known, lambda old: old.casefold() in names)  # noqa: B023
    return None


def _same_bytes(text: str, known: Mapping[str, int]) -> str | None:
    """UTF-8 read as Latin-1, letters replaced by `?`, accents lost, and the reverse."""

    def broken(old: str) -> bool:
        if _garbled(old) == text or _garbled(text) == old:
            return True
        plain = unicodedata.normalize("NFKD", old).encode("ascii", "ignore").decode()
        pattern = "".join(re.escape(letter) if letter.isascii() else "[?\ufffd]+" for letter in old)
        return plain != old and (plain == text or re.fullmatch(pattern, text) is not None)

    return _only(known, broken)


def _garbled(text: str) -> str | None:
    for encoding in ("latin-1", "cp1252"):
        try:
            garbled = text.encode().decode(encoding)
        except UnicodeDecodeError:
            continue
        if garbled != text:
            return garbled
    return None


def _only(known: Mapping[str, int], same: Callable[[str], bool]) -> str | None:
    found = [old for old in known if same(old)]
    return found[0] if len(found) == 1 else None


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-./]+", "", unicodedata.normalize("NFKC", text).casefold())


def _shortened(pair: Pair, came: Mapping[str, int]) -> Iterator[DataFault]:
    """Values cut to a length: all new ones as long, each the beginning of a known longer one."""
    known = pair.reference.counts
    lengths = {len(text) for text in came}
    explained = {text: _only(known, lambda old: old != text and old.startswith(text)) for text in came}  # noqa: B023
    cut = {text: old for text, old in explained.items() if old is not None}
    longest = max((len(text) for text in pair.current.counts), default=0)
    if cut and len(cut) == len(came) and len(lengths) == 1 and longest in lengths and longest >= 3:
        words = f"are cut to {longest} characters"
        yield _fault(FaultKind.SHORTENED, words, pair, cut, came)


def _replaced(pair: Pair, change: _Change) -> Iterator[DataFault]:
    """One that came with about the rows of one that went, and no other to mistake it for."""
    if not (len(change.came) == len(change.went) == 1):
        return
    (text, count), (old, stood) = next(iter(change.came.items())), next(iter(change.went.items()))
    before, now = stood / pair.reference.rows, count / pair.current.rows
    noise = SURE * (before * (1 - before) * (1 / pair.reference.rows + 1 / pair.current.rows)) ** 0.5
    if min(before, now) >= RENAMED and abs(now - before) <= noise and pair.reference.counts.get(text, 0) == 0:
        what = f"'{old}' of {pair.name} looks renamed to '{text}'"
        sentence = f"{what}: one went, the other came, both {percent(now)} of the rows"
        yield DataFault(FaultKind.RENAMED, pair.name, now, sentence)


_NAMINGS: tuple[tuple[FaultKind, str, Callable[[str, Mapping[str, int]], str | None]], ...] = (
    (FaultKind.SPELLING, "are spelt otherwise", _same_spelling),
    (FaultKind.ENCODING, "arrive in another encoding", _same_bytes),
    (FaultKind.SPELLING, "say yes and no in other words", _same_truth),
)
