"""Keys for scores as files, and secret keys of either kind. In: a folder, a path. Out: keys."""

import os
from pathlib import Path

from aimon.errors import SealedError
from aimon.sealed.evaluation import EVALUATION, evaluation_bytes
from aimon.sealed.keys import PUBLIC, SECRET, read_key, write
from aimon.sealed.score_plan import COLUMNS
from aimon.sealed.seal.parameters import parameters
from aimon.sealed.seal.real import DRIFT, RealPublicKey
from aimon.sealed.seal.secret import RealSecretKey, SecretKey, generate_real


def generate_for_scores(folder: Path) -> RealPublicKey:
    """A new pair in the folder, and the keys that a server scores with; refuses where there is one."""
    made = generate_real(DRIFT, COLUMNS)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / SECRET, DRIFT.name, "secret", made.public.id, made.secret.content, mode=0o600)
    write(folder / PUBLIC, DRIFT.name, "public", made.public.id, made.public.content, mode=0o644)
    content = evaluation_bytes(made.public.id, made.relinearization, made.galois)
    with os.fdopen(os.open(folder / EVALUATION, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
        file.write(content)
    return made.public


def read_score_public(path: Path) -> RealPublicKey:
    """The public key of a file."""
    name, _, content = read_key(path, "public")
    if name != DRIFT.name:
        raise SealedError(f"{path} is a key for counts; scores need one of `aimon sealed keygen --scores`")
    return RealPublicKey(DRIFT, content)


def read_any_secret(path: Path) -> tuple[SecretKey | RealSecretKey, str]:
    """The secret key of a file, for counts or for scores, and the pair's id."""
    name, key_id, content = read_key(path, "secret")
    if name == DRIFT.name:
        return RealSecretKey(DRIFT, content), key_id
    return SecretKey(parameters(name), content), key_id
