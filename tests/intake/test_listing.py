import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

from aimon.errors import SourceError
from aimon.intake.csv_files import CsvFiles
from aimon.intake.listing import find_files

SUFFIXES = (".csv",)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "data/b.csv",
        "data/a.CSV",
        "data/notes.txt",
        "data/deep/er/c.csv",
        "data/_temporary/d.csv",
        "data/.hidden.csv",
        "data/region=E%20U/_day=1/e.csv",
        "other/region=EU/f.csv",
        "od[d]/g.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return tmp_path


def shown(path: str, root: Path) -> list[str]:
    return [file.shown for file in find_files(path, root, SUFFIXES)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/b.csv", ["data/b.csv"]),
        ("data/notes.txt", ["data/notes.txt"]),
        ("data/_temporary/d.csv", ["data/_temporary/d.csv"]),
        ("data", ["data/a.CSV", "data/b.csv", "data/deep/er/c.csv", "data/region=E%20U/_day=1/e.csv"]),
        ("data/_temporary", ["data/_temporary/d.csv"]),
        ("data/*.csv", ["data/b.csv"]),
        ("data/?.*", ["data/a.CSV", "data/b.csv"]),
        ("data/**/*.csv", ["data/b.csv", "data/deep/er/c.csv", "data/region=E%20U/_day=1/e.csv"]),
        ("data/_*/*.csv", ["data/_temporary/d.csv"]),
        ("*/region=*", ["data/region=E%20U/_day=1/e.csv", "other/region=EU/f.csv"]),
        ("od[d]", ["od[d]/g.csv"]),
    ],
)
def test_a_path_means_these_files(tree: Path, path: str, expected: list[str]) -> None:
    assert shown(path, tree) == expected
    assert shown(str(tree / path), tree) == expected
    assert shown(f"file://{tree / path}", tree) == expected


def test_files_outside_the_project_are_shown_by_their_whole_path(tree: Path) -> None:
    assert shown(f"{tree}/data/b.csv", tree / "other") == [f"{tree}/data/b.csv"]
    assert shown("../data/b.csv", tree / "other") == ["../data/b.csv"]


def test_a_variable_may_name_the_folder(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_TEST_DATA", "data")
    assert shown("$AIMON_TEST_DATA/b.csv", tree) == ["data/b.csv"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/region=E%20U", (("_day", "1"),)),
        ("data/region=*/*", (("region", "E U"), ("_day", "1"))),
        ("data/**/e.csv", (("region", "E U"), ("_day", "1"))),
        ("data/region=E%20U/_day=1/e.csv", ()),
    ],
)
def test_folders_below_the_declared_ones_are_columns(
    tree: Path, path: str, expected: tuple[tuple[str, str], ...]
) -> None:
    [file] = find_files(path, tree, SUFFIXES)
    assert file.partition == expected


def test_the_null_of_hive_is_null(tmp_path: Path) -> None:
    (tmp_path / "k=__HIVE_DEFAULT_PARTITION__").mkdir()
    (tmp_path / "k=__HIVE_DEFAULT_PARTITION__" / "x.csv").touch()
    assert find_files(".", tmp_path, SUFFIXES)[0].partition == (("k", None),)


def test_a_changed_file_is_another_file(tree: Path) -> None:
    [before] = find_files("data/b.csv", tree, SUFFIXES)
    [again] = find_files("data/b.csv", tree, SUFFIXES)
    assert before.identity == again.identity
    (tree / "data/b.csv").write_text("longer\n")
    [after] = find_files("data/b.csv", tree, SUFFIXES)
    assert before.identity != after.identity


def test_files_in_memory_are_found_like_those_on_disk() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe({"/listing/k=1/a.csv": b"x\n", "/listing/b.csv": b"x\n"})
    assert shown("memory://listing", Path()) == ["memory://listing/b.csv", "memory://listing/k=1/a.csv"]
    [file] = find_files("memory://listing/*/a.csv", Path(), SUFFIXES)
    assert file.partition == (("k", "1"),)
    with file.open() as stream:
        assert stream.read() == b"x\n"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("nowhere", "nowhere: no such file or folder; check the path (relative paths start beside aimon.yaml)"),
        (
            "data/b.csv/x",
            "data/b.csv/x: no such file or folder; check the path (relative paths start beside aimon.yaml)",
        ),
        ("data/*.parquet", "data/*.parquet: no file matches; check the pattern and the folder it starts in"),
        ("data/_*/*.txt", "data/_*/*.txt: no file matches; check the pattern and the folder it starts in"),
        (
            "memory://nowhere-at-all",
            "memory://nowhere-at-all: no such file or folder; check the path (relative paths start beside aimon.yaml)",
        ),
        (
            "gopher://x/y",
            "gopher://x/y: gopher:// is not a file system that fsspec knows; use a path, s3://, gs:// or az://",
        ),
    ],
)
def test_a_path_that_means_nothing_is_refused(tree: Path, path: str, sentence: str) -> None:
    with pytest.raises(SourceError) as refused:
        find_files(path, tree, SUFFIXES)
    assert str(refused.value) == sentence


def test_a_folder_without_data_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError) as refused:
        find_files("empty", tmp_path, (".csv", ".csv.gz"))
    assert str(refused.value) == "empty: the folder holds no file whose name ends in .csv or .csv.gz"


@pytest.mark.parametrize(
    ("url", "package", "remedy"),
    [
        ("s3://key:s3cret@bucket/x", "s3fs", "pip install aimon[aws]"),
        ("gs://bucket/x", "gcsfs", "pip install aimon[gcp]"),
        ("abfss://container/x", "adlfs", "pip install aimon[azure]"),
        ("ssh://host/x", "paramiko", "install the fsspec package for ssh://"),
    ],
)
def test_a_missing_cloud_package_is_named_with_its_remedy(
    url: str, package: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SourceError) as refused:
        find_files(url, Path(), SUFFIXES)
    assert str(refused.value).endswith(f"{url.partition(':')[0]}:// needs a package that is not installed; {remedy}")
    assert "s3cret" not in str(refused.value)


def read_all(path: str, root: Path) -> None:
    for file in find_files(path, root, SUFFIXES):
        with file.open():
            pass


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Root may read everything; somebody else may not."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


@pytest.mark.parametrize("closed", ["folder", "folder/inner", "folder/inner/x.csv"])
def test_what_may_not_be_read_is_said_to_be_closed(closed: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "folder/inner").mkdir(parents=True)
        (root / "folder/inner/x.csv").write_text("x\n")
        root.chmod(0o755)
        (root / closed).chmod(0)
        with as_somebody_else(), pytest.raises(SourceError) as refused:
            read_all("folder", root)
        assert str(refused.value).endswith(": permission denied; allow the user that runs aimon to read it")
        (root / closed).chmod(0o755)


@pytest.mark.parametrize(
    ("owner", "method", "error", "sentence"),
    [
        (
            MemoryFileSystem,
            "find",
            RuntimeError("AccessDenied for https://key:s3cret@cloud/x"),
            "memory://far: cannot be listed: AccessDenied for https://key:***@cloud/x",
        ),
        (MemoryFileSystem, "open", TimeoutError(), "memory://far/x.csv: cannot be read: TimeoutError"),
        (MemoryFile, "read", RuntimeError("reset"), "memory://far/x.csv: cannot be read: reset"),
    ],
)
def test_a_cloud_that_fails_is_told_in_its_own_words(
    owner: type, method: str, error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    fsspec.filesystem("memory").pipe("/far/x.csv", b"at,x\n2026-11-18,1\n")
    monkeypatch.setattr(owner, method, fail)
    with pytest.raises(SourceError) as refused:
        CsvFiles("memory://far", root=Path()).rows()
    assert str(refused.value) == sentence


def test_a_file_that_vanishes_while_it_is_read_is_named(tree: Path) -> None:
    [file] = find_files("data/b.csv", tree, SUFFIXES)
    (tree / "data/b.csv").unlink()
    with pytest.raises(SourceError) as refused, file.open():
        pass
    assert str(refused.value) == "data/b.csv: no such file; it was there a moment ago or its name is wrong"
