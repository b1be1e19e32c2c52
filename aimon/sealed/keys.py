"""Keys as files. In: a folder. Out: a pair, the secret one readable by its owner alone and never overwritten."""

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path

from aimon.errors import SealedError
from aimon.sealed.files import content_of
from aimon.sealed.seal.parameters import Parameters, parameters
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.secret import SecretKey

PUBLIC, SECRET = "public.key", "secret.key"


def generate(folder: Path, chosen: Parameters) -> PublicKey:
    """A new pair in the folder; refuses where there is one."""
    secret, public = SecretKey.generate(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / SECRET, chosen.name, "secret", public.id, secret.content, mode=0o600)
    write(folder / PUBLIC, chosen.name, "public", public.id, public.content, mode=0o644)
    return public


def write(path: Path, scheme: str, kind: str, key_id: str, content: bytes, mode: int) -> None:
    """One key as JSON, in a file that was not there before."""
    body = {"kind": kind, "key_id": key_id, "parameters": scheme, "key": b64encode(content).decode()}
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(json.dumps(body) + "\n")
    except FileExistsError:
        raise SealedError(f"{path} is there already; a key is never overwritten: choose another folder") from None


def read_public(path: Path) -> PublicKey:
    """The public key of a file."""
    name, _, content = read_key(path, "public")
    return PublicKey(parameters(name), content)


def read_secret(path: Path) -> tuple[SecretKey, str]:
    """The secret key of a file and the pair's id."""
    name, key_id, content = read_key(path, "secret")
    return SecretKey(parameters(name), content), key_id


def read_key(path: Path, kind: str) -> tuple[str, str, bytes]:
    """The name of its parameter set, the pair's id, and the key itself."""
    try:
        body = json.loads(content_of(path))
        found, key_id, name = str(body["kind"]), str(body["key_id"]), str(body["parameters"])
        content = b64decode(body["key"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise SealedError(f"{path} is no key; make a pair with `aimon sealed keygen`") from error
    if found != kind:
        raise SealedError(f"{path} is a {found} key; the {kind} one is needed here")
    return name, key_id, content
