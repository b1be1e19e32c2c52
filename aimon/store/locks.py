"""One writer at a time for one thing: by a PostgreSQL advisory lock; SQLite has one writer at a time anyway."""

from hashlib import blake2b

from sqlalchemy import BigInteger, Connection, bindparam, func, select

_TAKE = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))


def lock(connection: Connection, *thing: str) -> None:
    """Wait until no other transaction holds the lock of `thing`, and hold it until this one ends."""
    if connection.dialect.name == "postgresql":
        digest = blake2b("\0".join(("aimon", *thing)).encode(), digest_size=8).digest()
        connection.execute(_TAKE, {"number": int.from_bytes(digest, signed=True)})
