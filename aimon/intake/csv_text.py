"""One CSV file as batches of texts. Quoted fields may hold line breaks; an empty field is null, a quoted one is empty.

A row with too few or too many fields stops the reading, with its line: what follows it cannot be trusted.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from aimon.errors import SourceError
from aimon.intake.data_file import DataFile

SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".csv.bz2")
BLOCK_BYTES = 1 << 20
LONG_BLOCK_BYTES = 64 << 20
"""A row must fit in a block. Memory grows with the blocks, so large ones are for the file that has a long row."""
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}


class _RowTooLongError(Exception):
    """A row did not fit in a block."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """A CSV file with a header, in UTF-8."""

    file: DataFile
    delimiter: str

    def header(self) -> list[str]:
        """The names of the columns."""
        with self._stream() as stream, self._legible():
            names = next(csv.reader(_text_of(stream), delimiter=self.delimiter), [])
        if not names:
            raise SourceError(f"{self.file.shown}: the file is empty, without even a header; remove it")
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise SourceError(f"{self.file.shown}: two columns are named {repeated[0]!r}; rename one of them")
        return names

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The named columns, which the header has, as texts."""
        done = 0
        for size in (BLOCK_BYTES, LONG_BLOCK_BYTES):
            before = 0
            try:
                for batch in self._blocks(names, size):
                    fresh = batch.slice(max(0, done - before))
                    before += batch.num_rows
                    if fresh.num_rows:
                        yield fresh
                        done = before
            except _RowTooLongError:
                continue  # read again in larger blocks, up to where it ended as before
            return
        raise SourceError(
            f"{self.file.shown}: a row is longer than {LONG_BLOCK_BYTES >> 20} MB, or a quote is opened and never "
            "closed; mend the file"
        )

    def _blocks(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        odd: list[arrow_csv.InvalidRow] = []

        def refuse(row: arrow_csv.InvalidRow) -> str:
            odd.append(row)
            return "error"

        convert = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=list(names),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        options = {
            "read_options": arrow_csv.ReadOptions(use_threads=False, block_size=size),
            "parse_options": arrow_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=refuse
            ),
            "convert_options": convert,
        }
        with self._stream() as stream, self._legible(odd), arrow_csv.open_csv(stream, **options) as reader:
            yield from reader

    def line_of(self, row: int) -> int | None:
        """The line on which a row ends, counted from 1 with the header as line 1; rows count from 1 without it."""
        with self._stream() as stream:
            reader = csv.reader(_text_of(stream, errors="replace"), delimiter=self.delimiter)
            try:
                rows = (fields for fields in reader if fields)
                for number, _ in enumerate(rows):
                    if number == row:
                        return reader.line_num
            except csv.Error:
                return None
        return None

    @contextmanager
    def _stream(self) -> Iterator[pa.NativeFile]:
        with self.file.open() as stream:
            wrapped = pa.PythonFile(stream, mode="r")
            suffix = next((end for end in _COMPRESSIONS if self.file.path.lower().endswith(end)), None)
            yield wrapped if suffix is None else pa.CompressedInputStream(wrapped, _COMPRESSIONS[suffix])

    @contextmanager
    def _legible(self, odd: Sequence[Any] = ()) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, csv.Error, UnicodeDecodeError, OSError) as error:
            if "straddling" in str(error):
                raise _RowTooLongError from error
            raise SourceError(f"{self.file.shown}{self._fault(str(error), odd)}") from error

    def _fault(self, said: str, odd: Sequence[Any]) -> str:
        if odd:
            row = odd[-1]
            line = self.line_of(row.number - 1)
            place = f":{line}" if line else f": row {row.number - 1}"
            return (
                f"{place}: the row has {row.actual_columns} fields and the header {row.expected_columns}; "
                "mend the row, or quote the field that holds the delimiter"
            )
        if "UTF8" in said or "codec" in said:
            return ": the file is not UTF-8; save it as UTF-8"
        return f": the file is damaged and cannot be read ({' '.join(said.split())}); copy it again"


def _text_of(stream: pa.NativeFile, errors: str = "strict") -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors=errors, newline="")
