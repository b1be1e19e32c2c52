"""A first look at a column's raw values. In: blocks. Out: counts that say which kind it is and which categories it has.

Everything kept is an integer or an exact set, so that neither the order of rows nor the split of files matters.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aimon.profile.axis import Cells
from aimon.profile.encode import encode
from aimon.profile.numbers import NUMBER_TEXT, TIME_TEXT, is_text

MOST_TEXTS = 50_000
"""Different categories that are counted in memory; beyond, a column that must be categorical is counted on disk."""

CODE_TEXT = r"^[+-]?0[0-9]"
SENTENCE_TEXT = r"\S\s+\S+\s+\S"
WRAP = 1 << 64


@dataclass(slots=True)
class Sketch:
    """What one column looks like. `texts` are its categories with their rows; None once there were too many.

    Measured numbers and times are looked at only where their categories are to be `counted`.

    `numbers`, `times`, `codes` (digits with a leading zero), `sentences` (three words or more) and `characters` add up
    over rows of text; `low`, `high`, `total` and `squares` (modulo 2^64) over whole numbers. `estimated` is about how
    many different categories there are where they were too many to count.
    """

    type: pa.DataType
    counted: bool = True
    rows: int = 0
    null: int = 0
    texts: Counter[str] | None = field(default_factory=Counter)
    numbers: int = 0
    times: int = 0
    codes: int = 0
    sentences: int = 0
    characters: int = 0
    low: int | None = None
    high: int | None = None
    total: int = 0
    squares: int = 0
    estimated: int | None = None

    @property
    def looks(self) -> bool:
        """Whether there is anything to look at: the type of measured numbers and times says enough."""
        kind = self.type.value_type if pa.types.is_dictionary(self.type) else self.type
        measured = pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_temporal(kind)
        return self.counted or not measured

    @property
    def filled(self) -> int:
        """Rows that are not null."""
        return self.rows - self.null

    @property
    def distinct(self) -> int | None:
        """How many different categories; None where too many to count in memory."""
        return None if self.texts is None else len(self.texts)

    @property
    def consecutive(self) -> bool:
        """Whether whole numbers run from the lowest to the highest without a gap or a repeat."""
        if self.low is None or self.high is None or self.high - self.low + 1 != self.filled:
            return False
        total = self.filled * (self.low + self.high) // 2
        squares = _squares_up_to(self.high) - _squares_up_to(self.low - 1)
        return self.total == total % WRAP and self.squares == squares % WRAP

    def add(self, array: pa.Array) -> None:
        """Look at some rows."""
        self.rows += len(array)
        self.null += array.null_count
        kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
        if pa.types.is_integer(kind):
            self._add_integers(array)
        if self.texts is None and not is_text(kind):
            return
        encoded = encode(array)
        counts = encoded.counts()
        if self.texts is not None:
            pairs = zip(encoded.texts, counts.tolist(), strict=True)
            for text, count in pairs:
                if text is not None and count:
                    self.texts[text] += count
            self._forget_too_many()
        if is_text(kind):
            self._add_texts(pa.array(encoded.texts, pa.string()), counts)

    def merge(self, other: "Sketch") -> None:
        """Add what another thread saw."""
        for name in ("rows", "null", "numbers", "times", "codes", "sentences", "characters"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self._merge_integers(other.low, other.high, other.total, other.squares)
        if self.texts is None or other.texts is None:
            self.texts = None
        else:
            self.texts.update(other.texts)
            self._forget_too_many()

    def _forget_too_many(self) -> None:
        if self.texts is not None and len(self.texts) > MOST_TEXTS:
            self.texts = None

    def _add_integers(self, array: pa.Array) -> None:
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        values = array.drop_null().to_numpy(zero_copy_only=False)
        if len(values):
            wrapped = values.astype(np.uint64)
            low, high = int(values.min()), int(values.max())
            with np.errstate(over="ignore"):
                self._merge_integers(low, high, int(wrapped.sum()), int((wrapped * wrapped).sum()))

    def _merge_integers(self, low: int | None, high: int | None, total: int, squares: int) -> None:
        if low is not None and high is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)
        self.total = (self.total + total) % WRAP
        self.squares = (self.squares + squares) % WRAP

    def _add_texts(self, texts: pa.Array, counts: Cells) -> None:
        for name, pattern in (
            ("numbers", NUMBER_TEXT),
            ("times", TIME_TEXT),
            ("codes", CODE_TEXT),
            ("sentences", SENTENCE_TEXT),
        ):
            matches = pc.match_substring_regex(texts, pattern).fill_null(False).to_numpy(zero_copy_only=False)
            setattr(self, name, getattr(self, name) + int(counts[matches].sum()))
        lengths = pc.utf8_length(texts).fill_null(0).to_numpy(zero_copy_only=False)
        self.characters += int((lengths.astype(np.int64) * counts).sum())


def _squares_up_to(n: int) -> int:
    """0 + 1 + 4 + ... + n^2, also for negative n, so that differences are right."""
    return n * (n + 1) * (2 * n + 1) // 6
