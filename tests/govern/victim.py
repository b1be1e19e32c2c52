"""A process that deletes what is over, again and again, until somebody kills it: LAKE, DATABASE."""

import sys

from aimon.govern.retention import expire
from aimon.lake.lake import Lake
from aimon.store import open_store
from tests.govern.conftest import NOW, POLICY

if __name__ == "__main__":
    lake = Lake(sys.argv[1])
    with open_store(sys.argv[2]) as store:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        found = expire(lake, store, POLICY, NOW)
        sys.stdout.write(f"done {len(found.expired)}\n")
