"""Files of rows by path, folder, pattern or URL. In: paths. Out: Parquet files; CSV is turned into Parquet once.

DuckDB reads CSV: it looks at the whole file before it decides on a column's type, in bounded memory.
"""

import codecs
import glob
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from aimon.errors import DataError
from aimon.lake.rows import RowsFile

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".csv.zst")
CSV_NULLS = ("", "NA", "N/A", "NULL", "null")
CSV_MEMORY = "400MB"
PIECE = 1 << 20


@contextmanager
def as_parquet(paths: Sequence[str | RowsFile]) -> Iterator[list[RowsFile]]:
    """Every file behind the paths, as Parquet; a file of the lake is what it is."""
    with ExitStack() as stack:
        ready = [each for each in paths if isinstance(each, RowsFile)]
        files = [file for each in paths if isinstance(each, str) for file in _expanded(each)]
        tables = [file for file in files if file.lower().endswith(CSV_ENDINGS)]
        others = [file for file in files if file not in tables]
        if tables:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="aimon-csv-"))
            others += [_converted(file, Path(folder) / f"{number}.parquet") for number, file in enumerate(tables)]
        yield [*ready, *map(RowsFile, others)]


def _expanded(path: str) -> list[str]:
    if "://" in path:
        return [path]
    if Path(path).is_dir():
        found = sorted(str(file) for file in Path(path).rglob("*") if file.suffix in (".parquet", ".csv"))
    elif glob.has_magic(path) and not Path(path).exists():
        found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    else:
        found = [path] if Path(path).exists() else []
    if not found:
        raise DataError(f"{path}: there is no such file; give a Parquet or CSV file, a folder of them, or a pattern")
    return found


def _converted(source: str, target: Path) -> str:
    """Write the CSV file as Parquet; the order of rows does not matter to counts."""
    nulls = ", ".join(f"'{null}'" for null in CSV_NULLS)
    with duckdb.connect(config={"memory_limit": CSV_MEMORY, "preserve_insertion_order": False}) as connection:
        try:
            connection.execute(
                f"COPY (FROM read_csv(?, header = true, sample_size = -1, nullstr = [{nulls}])) "
                f"TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw)",
                [source],
            )
        except duckdb.Error as error:
            strange = _not_utf8(source)
            if strange is not None:
                raise DataError(f"{source}:{strange}: the line is not UTF-8; save the file as UTF-8") from error
            reason = str(error).splitlines()[0]
            raise DataError(f"{source}: cannot be read as CSV with a header line ({reason})") from error
    return str(target)


def _not_utf8(source: str) -> int | None:
    """The first line of a local text file that is not UTF-8; lines are read in pieces, however long they are."""
    if "://" in source or not source.lower().endswith((".csv", ".tsv", ".txt")):
        return None
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with Path(source).open("rb") as file:
        while piece := file.readline(PIECE):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                return line
            line += piece.endswith(b"\n")
    return None
