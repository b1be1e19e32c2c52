"""A new key in the place of an old one. In: a folder with a pair. Out: a new pair; the old one still opens its sums.

Old pairs lie beside the new one in folders of their ids. What was sealed under one is never opened with another.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from aimon.errors import SealedError
from aimon.sealed.keys import PUBLIC, SECRET, generate, read_public, read_secret
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.secret import SecretKey


def rotate(folder: Path) -> tuple[str, PublicKey]:
    """The id of the key that was replaced, and the new public key, of the same parameter set.

    The new pair is whole before the old one moves; a rotation that was cut short leaves the old pair, whole, in its
    folder.
    """
    old = read_public(folder / PUBLIC)
    read_secret(folder / SECRET)
    retired = folder / old.id
    if retired.exists():
        raise SealedError(f"{retired} is there already; a key is never overwritten")
    with TemporaryDirectory(dir=folder, prefix=".new-") as draft:
        public = generate(Path(draft), old.parameters)
        retired.mkdir(mode=0o700)
        for name in (SECRET, PUBLIC):
            (folder / name).rename(retired / name)
        for name in (SECRET, PUBLIC):
            (Path(draft) / name).rename(folder / name)
    return old.id, public


def secret_for(path: Path, key_id: str) -> tuple[SecretKey, str]:
    """The secret key of that id: of the file, or of a folder with the pair and those that it replaced."""
    if not path.is_dir():
        return read_secret(path)
    candidates = (path / SECRET, path / key_id / SECRET)
    for each in candidates:
        if each.exists():
            secret, found = read_secret(each)
            if found == key_id:
                return secret, found
    raise SealedError(f"{path} holds no secret key {key_id}; restore it from a copy")
