"""Loaded by every Python process whose PYTHONPATH holds this folder: refuses, and logs, whatever leaves the machine.

The log is the file named by AIMON_CONNECTION_LOG. An audit hook sees each connect, datagram and name look-up before
it happens.
"""

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

LOCAL_NAMES = {"localhost", "", None}


def is_local(host: object) -> bool:
    """Whether the host is this machine: a loopback or unspecified address, or one of its names."""
    if host in LOCAL_NAMES:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return text == os.uname().nodename
    return address.is_loopback or address.is_unspecified


def is_numeric(host: object) -> bool:
    """Whether the host is an address, in any of its spellings, so that looking it up asks nobody."""
    text = host.decode() if isinstance(host, bytes) else str(host)
    return ":" in text or all(part.isdigit() or part.lower().startswith("0x") for part in text.split("."))


def destination(event: str, arguments: tuple[Any, ...]) -> object:
    """The host that the audited call is about; None when it is a Unix socket or another event."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return None if is_numeric(arguments[0]) else arguments[0]
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        return arguments[1][0]
    return None


def refuse_what_leaves(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    if not event.startswith("socket."):
        return
    host = destination(event, arguments)
    if is_local(host):
        return
    log = os.environ.get("AIMON_CONNECTION_LOG")
    if log:
        with Path(log).open("a") as lines:
            lines.write(f"{os.getpid()} {event} {host!r} {' '.join(sys.argv[:3])}\n")
    raise PermissionError(f"{event} to {host!r} leaves the machine")


sys.addaudithook(refuse_what_leaves)
