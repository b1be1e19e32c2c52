"""Connections spread over the workers that listen to one socket."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from aimon.service.server import bound
from aimon.service.shares import SharingLoop
from tests.service.test_server import certified


@dataclass
class Worker:
    """A loop in a thread of its own, and how many connections it took."""

    taken: list[asyncio.Transport] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def run(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        with asyncio.Runner(loop_factory=SharingLoop) as runner:
            runner.run(self._serve(listening, tls))

    async def _serve(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        self.loop, self.stop, worker = asyncio.get_running_loop(), asyncio.Event(), self

        class Greeting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                own = cast("asyncio.Transport", transport)
                worker.taken.append(own)
                own.write(b"!")

        server = await self.loop.create_server(Greeting, sock=listening, ssl=tls)
        self.ready.set()
        await self.stop.wait()
        server.close()
        for transport in self.taken:
            transport.abort()

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)


@contextmanager
def working(number: int, listening: socket.socket, tls: ssl.SSLContext | None = None) -> Iterator[list[Worker]]:
    workers = [Worker() for _ in range(number)]
    threads = [threading.Thread(target=worker.run, args=(listening, tls)) for worker in workers]
    for thread, worker in zip(threads, workers, strict=True):
        thread.start()
        assert worker.ready.wait(10)
    try:
        yield workers
    finally:
        for worker in workers:
            worker.end()
        for thread in threads:
            thread.join(10)


def called(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=10)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with bound("127.0.0.1", 0) as made:
        yield made


def test_connections_that_come_at_once_are_spread_over_all_workers(listening: socket.socket) -> None:
    address = listening.getsockname()
    with working(2, listening) as workers:
        calls = [called(address) for _ in range(20)]
        assert [call.recv(1) for call in calls] == [b"!"] * 20
        shares = sorted(len(worker.taken) for worker in workers)
        for call in calls:
            call.close()

    assert sum(shares) == 20
    assert shares[0] >= 6


def test_who_has_none_comes_before_who_has_many(listening: socket.socket) -> None:
    address = listening.getsockname()
    with working(1, listening) as (busy,):
        calls = [called(address) for _ in range(12)]
        assert [call.recv(1) for call in calls] == [b"!"] * 12
        with working(1, listening) as (idle,):
            for _ in range(6):
                calls.append(called(address))
                assert calls[-1].recv(1) == b"!"
            later = len(idle.taken)
        for call in calls:
            call.close()

    assert len(busy.taken) + later == 18
    assert later >= 4


def test_one_worker_takes_all_where_it_is_alone_and_nobody_waits_long(listening: socket.socket) -> None:
    address = listening.getsockname()
    with working(1, listening) as (worker,):
        began = time.monotonic()
        calls = [called(address) for _ in range(200)]
        assert [call.recv(1) for call in calls] == [b"!"] * 200
        took = time.monotonic() - began
        for call in calls:
            call.close()

    assert len(worker.taken) == 200
    assert took < 10


def test_rubbish_in_place_of_tls_does_not_end_the_listening(listening: socket.socket, tmp_path: Path) -> None:
    certificate, key = certified(tmp_path / "tls")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    trusted = ssl.create_default_context(cafile=str(certificate))
    address = listening.getsockname()
    with working(1, listening, tls) as (worker,):
        for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff", b""):
            with called(address) as plain, suppress(OSError):
                plain.sendall(rubbish)
        with closing(called(address)) as plain, trusted.wrap_socket(plain, server_hostname="127.0.0.1") as safe:
            assert safe.recv(1) == b"!"

    assert len(worker.taken) == 1


def test_who_ended_takes_no_more(listening: socket.socket) -> None:
    address = listening.getsockname()
    with working(1, listening) as (worker,), called(address) as first:
        assert first.recv(1) == b"!"
    with called(address) as second:
        second.settimeout(0.2)
        with pytest.raises(TimeoutError):
            second.recv(1)

    assert len(worker.taken) == 1
