"""`aimon sealed rotate|backup|restore|sender`: the life of a key after it was made."""

import os
from pathlib import Path
from typing import Annotated

import typer

from aimon.cli.sealed_files import Out, content_of, write_new
from aimon.errors import UserError

KeyFolder = Annotated[Path, typer.Argument(help="A folder of keys.")]


def rotate(folder: KeyFolder) -> None:
    """Make a new pair in the place of the old one, which stays beside it and opens what it sealed."""
    from aimon.sealed.keys import PUBLIC
    from aimon.sealed.rotation import rotate as rotated

    old, public = rotated(folder)
    typer.echo(f"key {public.id} replaces {old}: give {folder / PUBLIC} to the hosts, and make a new backup")


def backup(folder: KeyFolder, out: Out) -> None:
    """Copy the keys, sessions and ledgers of a folder into one file, encrypted with AIMON_SEALED_PASSPHRASE."""
    from aimon.sealed.backup import backup as backed_up

    content, names = backed_up(folder, _passphrase())
    write_new(out, content)
    typer.echo(f"{len(names)} files in {out}: {', '.join(names)}")


def restore(
    file: Annotated[Path, typer.Argument(help="What `aimon sealed backup` wrote.")],
    folder: Annotated[Path, typer.Argument(help="Where to; none of the files may be there.")],
) -> None:
    """Write the keys of a backup into a folder, with AIMON_SEALED_PASSPHRASE."""
    from aimon.sealed.backup import restore as restored

    names = restored(content_of(file), str(file), folder, _passphrase())
    typer.echo(f"{len(names)} files in {folder}: {', '.join(names)}")


def sender(
    name: Annotated[str, typer.Argument(help="The name of the host, as in `--sender`.")],
    out: Out,
) -> None:
    """Make a key for a host to sign envelopes with; the model file names its public half."""
    from aimon.sealed.sender import new_sender

    made = new_sender(out, name)
    typer.echo(f"keep {out} at the host; in the model file, under source: senders: {{{name}: {made.signer.public}}}")


def _passphrase() -> str:
    from aimon.sealed.backup import VARIABLE

    given = os.environ.get(VARIABLE, "")
    if not given:
        raise UserError(f"{VARIABLE} is not set; it holds the passphrase of the backup")
    return given
