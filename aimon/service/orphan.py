"""A worker whose supervisor is gone ends too, and closes what it has open as if it had been told to stop.

Nobody could stop it otherwise: it would keep the port and the database, and the supervisor could not be started again.
"""

import os
import signal
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait


def end_with_the_supervisor() -> None:
    """Watch the process that started this one, if it is one of several workers."""
    supervisor = parent_process()
    if supervisor is not None:
        threading.Thread(target=_watch, args=(supervisor.sentinel,), name="supervisor", daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
