"""A site's folder. In: a site, and later its session. Out: files; those that are secret are its owner's alone to read.

`site.key` is the site's whole secret, with the charter; `share.key` is what it opens with, and follows from `site.key`
and everybody's messages. `session.json` and `public.key` are the same at every site.
"""

import os
from base64 import b64decode, b64encode
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from aimon.errors import SealedError
from aimon.sealed import keys
from aimon.sealed.federation.charter import Charter, SiteName
from aimon.sealed.federation.opening import Holder
from aimon.sealed.federation.session import Session, read_session, residues_of
from aimon.sealed.federation.site import Site
from aimon.sealed.files import read_declared
from aimon.sealed.ledger import Ledger
from aimon.sealed.seal.polynomials import Residues, key_ring
from aimon.sealed.seal.public import PublicKey

SITE, SHARE, SESSION, RELEASES = "site.key", "share.key", "session.json", "releases.jsonl"


class SiteFile(BaseModel):
    """A site as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    charter: Charter
    site: SiteName
    seed: str = Field(pattern=r"^[0-9a-f]{64}$", repr=False)


class ShareFile(BaseModel):
    """A site's share of a joint key as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session: str
    share: str = Field(repr=False)


def create(folder: Path, charter: Charter, name: SiteName) -> Site:
    """A new site in the folder; SealedError where there is one."""
    site = Site.new(charter, name)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / SITE, SiteFile(charter=charter, site=name, seed=site.seed.hex()))
    return site


def open_site(folder: Path) -> Site:
    """The site of the folder."""
    read = read_declared(
        SiteFile, folder / SITE, "site of a federation", "restore a copy, or commit to a federation first"
    )
    return Site(read.charter, read.site, bytes.fromhex(read.seed))


def keep(folder: Path, session: Session, public: PublicKey, share: Residues) -> None:
    """Write what a session gave this site."""
    content = b64encode(share.astype("<u8").tobytes()).decode()
    _write(folder / SHARE, ShareFile(session=session.id, share=content))
    keys.write(folder / keys.PUBLIC, session.charter.scheme.name, "public", public.id, public.content, mode=0o644)
    (folder / SESSION).write_text(session.model_dump_json(indent=1) + "\n", encoding="utf-8")


def open_holder(folder: Path) -> Holder:
    """The site with its share, and with what it helped to open."""
    site, session = open_site(folder), read_session(folder / SESSION)
    read = read_declared(
        ShareFile, folder / SHARE, "share of a joint key", "restore a copy, or combine the messages of all sites"
    )
    if read.session != session.id or session.charter != site.charter:
        raise SealedError(f"{folder / SHARE} is of another session than {folder / SESSION}; restore both from a copy")
    ring = key_ring(site.charter.scheme)
    share = residues_of(ring, b64decode(read.share), str(folder / SHARE))
    return Holder(site, session, share, Ledger(folder / RELEASES, site.derived("ledger")))


def _write(path: Path, body: BaseModel) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(body.model_dump_json() + "\n")
    except FileExistsError:
        raise SealedError(f"{path} is there already; a key is never overwritten: choose another folder") from None
