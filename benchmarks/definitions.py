"""What a process pays before it does anything: loading the code location of 500 models, and `aimon --help`."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import arguments, report

MODELS = 500
ROUNDS = 5
MODEL = """\
model: model-{number:03}
task: binary
source: {{kind: parquet, path: data/model-{number:03}/*.parquet}}
columns: {{id: id, timestamp: at, prediction: decision, score: score, label: label, protected: [sex]}}
baseline: {{path: reference.parquet}}
"""
LOAD = "import aimon_pipelines.definitions as d; d.defs.get_repository_def().load_all_definitions()"


def write_project(root: Path, models: int) -> None:
    """A project with that many models."""
    (root / "models").mkdir()
    (root / "aimon.yaml").write_text("models: models\n")
    for number in range(models):
        (root / "models" / f"model-{number:03}.yaml").write_text(MODEL.format(number=number))


def cpu_seconds(*command: str, root: Path) -> float:
    """User and system time of one fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env={"AIMON_ROOT": str(root), "PATH": ""}, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def wall_seconds(*command: str) -> float:
    """Elapsed time of one fresh process."""

    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    arguments(__doc__ or "")
    aimon = str(Path(sys.executable).with_name("aimon"))
    loads, floors, helps = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, MODELS)
        for _ in range(ROUNDS):
            loads.append(cpu_seconds(sys.executable, "-c", LOAD, root=root))
            floors.append(cpu_seconds(sys.executable, "-c", "import dagster", root=root))
            helps.append(wall_seconds(aimon, "--help"))
    load, floor = statistics.median(loads), statistics.median(floors)
    print(f"loading {MODELS} models takes {load / floor:.2f} times what importing Dagster does")
    report("definitions", {"load_cpu_s": load, "import_dagster_cpu_s": floor, "help_s": statistics.median(helps)})


if __name__ == "__main__":
    main()
