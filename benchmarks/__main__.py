"""Run every benchmark and write its last line to `benchmarks/results/NAME.json`: `python -m benchmarks [--quick]`."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
SHARED = {"__init__", "__main__", "measure"}


def benchmarks() -> list[str]:
    """The names of the benchmarks: every module that ends in a `main()`."""
    modules = (path for path in FOLDER.glob("*.py") if path.stem not in SHARED)
    return sorted(path.stem for path in modules if "\ndef main(" in path.read_text(encoding="utf-8"))


def run(name: str, arguments: list[str]) -> bool:
    """Run one benchmark, showing what it prints, and keep its figures."""
    print(f"== {name}", flush=True)
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments], stdout=subprocess.PIPE, text=True
    ) as child:
        for line in child.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if child.returncode == 0 and lines:
        results = FOLDER / "results"
        results.mkdir(exist_ok=True)
        (results / f"{name}.json").write_text(lines[-1], encoding="utf-8")
    return child.returncode == 0


def main() -> None:
    failed = [name for name in benchmarks() if not run(name, sys.argv[1:])]
    if failed:
        sys.exit(f"these benchmarks did not finish: {', '.join(failed)}")


if __name__ == "__main__":
    main()
