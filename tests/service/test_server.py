"""`aimon serve` as a process of its own."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aimon.access.rights import Role
from aimon.cli.app import run
from aimon.platform import open_platform
from aimon.service.server import bound, open_door
from tests.service.people import PASSWORD, invite


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    root: Path, *options: str, ask: dict[str, Any] | None = None, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it answers."""
    port = free_port()
    command = [
        sys.executable,
        "-c",
        "from aimon.cli import main; main()",
        "-C",
        str(root),
        "serve",
        "--port",
        str(port),
        *options,
    ]
    with subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            address = f"{'http' if ask is None else 'https'}://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    httpx.get(f"{address}/api/v1/monitoring/health", **(ask or {}))
                    break
                except httpx.TransportError:
                    assert process.poll() is None, process.stderr and process.stderr.read()
                    time.sleep(0.05)
            yield process, address
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # its workers too


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_server_starts_and_stops_when_told(root: Path, workers: str) -> None:
    with serving(root, "--workers", workers) as (process, address):
        assert httpx.get(f"{address}/api/v1/monitoring/health").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


def test_workers_end_when_their_supervisor_is_killed_and_the_port_is_free_again(root: Path) -> None:
    with serving(root, "--workers", "2") as (process, address):
        begun = psutil.Process(process.pid).children()
        os.kill(process.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(begun, timeout=15)
        with bound("127.0.0.1", int(address.rpartition(":")[2])) as again:
            assert again.getsockname()[1] == int(address.rpartition(":")[2])

    assert len(begun) >= 2
    assert alive == []


def test_a_taken_port_is_one_sentence(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        assert run(["-C", str(root), "serve", "--port", str(port)]) == 2
    said = f"port {port} of 127.0.0.1 is taken by another program; stop it, or choose another with --port\n"
    assert capsys.readouterr() == ("", said)


def test_the_first_start_prints_a_password_once(root: Path) -> None:
    with serving(root) as (process, _):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=15)
    with serving(root) as (process, _):
        process.send_signal(signal.SIGINT)
        _, said_later = process.communicate(timeout=15)

    told = re.findall(
        r"^The first user is 'admin'. Password for the first login, shown only here: (\S{20})$", said, re.M
    )
    assert len(told) == 1
    assert "Password" not in said_later


def test_several_workers_tell_one_sum_of_what_they_answered(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(root), "keys", "create", "prometheus", "--scope", "read"]) == 0
    key = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    with serving(root, "--workers", "2") as (_, address):
        for _ in range(20):
            assert httpx.get(f"{address}/api/v1/models", headers=key).status_code == 200
        texts = [httpx.get(f"{address}/metrics", headers=key).text for _ in range(3)]

    assert {text.partition('/models",status="200"} ')[2].split()[0] for text in texts} == {"20.0"}


def certified(folder: Path, *, days: tuple[int, int] = (-1, 1)) -> tuple[Path, Path]:
    """A certificate for this machine that signs itself, valid between these days from now, and its key."""
    folder.mkdir(exist_ok=True)
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) + timedelta(days=days[0]))
        .not_valid_after(datetime.now(UTC) + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, None)
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return certified(tmp_path / "tls")


def test_it_is_served_by_tls(root: Path, certificate: tuple[Path, Path]) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    options = ("--tls-certificate", str(certificate[0]), "--tls-key", str(certificate[1]))
    with open_platform(root) as platform:
        invite(open_door(platform), Role.VIEWER)
    body = {"name": Role.VIEWER.value, "password": PASSWORD}
    with serving(root, *options, ask={"verify": trusted}) as (_, address):
        answer = httpx.get(f"{address}/api/v1/monitoring/health", verify=trusted)
        entered = httpx.post(f"{address}/api/v1/auth/login", json=body, verify=trusted)
        with pytest.raises(httpx.TransportError):
            httpx.get(address.replace("https", "http"))
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(address)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(str(certificate[0]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, verify=old)

    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    cookies = entered.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("; Secure" in cookie and "SameSite=strict" in cookie for cookie in cookies)


def test_what_is_no_certificate_is_one_sentence(
    root: Path, certificate: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pem, key = map(str, certificate)

    assert run(["-C", str(root), "serve", "--tls-certificate", pem]) == 2
    alone = capsys.readouterr().err
    assert run(["-C", str(root), "serve", "--tls-certificate", key, "--tls-key", key]) == 2
    wrong = capsys.readouterr().err

    another = str(certified(root / "another")[1])
    assert run(["-C", str(root), "serve", "--tls-certificate", pem, "--tls-key", another]) == 2
    mismatched = capsys.readouterr().err

    assert mismatched == f"{pem} and {another} are no certificate and its key in PEM: KEY_VALUES_MISMATCH\n"
    assert alone == "a certificate and its key belong together; give both --tls-certificate and --tls-key\n"
    assert wrong.startswith(f"{key} and {key} are no certificate and its key in PEM: ")


def test_a_hash_key_that_is_none_is_one_sentence(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_HASH_KEYS", "2026a:short")

    assert run(["-C", str(root), "serve", "--port", str(free_port())]) == 2
    assert "AIMON_HASH_KEYS: the secret of key 2026a is shorter than 16 characters" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((-9, -2), r"^\S+certificate\.pem expired on \d{4}-\d\d-\d\d; renew it\n$"),
        ((2, 9), r"^\S+certificate\.pem is not valid before \S+Z; is the clock right\?\n$"),
    ],
)
def test_a_certificate_that_nobody_would_trust_now_is_one_sentence(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], days: tuple[int, int], said: str
) -> None:
    pem, key = map(str, certified(tmp_path / "tls", days=days))

    assert run(["-C", str(root), "serve", "--tls-certificate", pem, "--tls-key", key]) == 2
    assert re.match(said, capsys.readouterr().err)
