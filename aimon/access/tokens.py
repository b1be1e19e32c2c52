"""Tokens: a signed access token for minutes, a refresh token for the next one, a browser's cookie and its CSRF token.

Access tokens are JWTs signed with Ed25519. The others name a session and are proven by a keyed hash; which of a
session's refresh tokens is valid stands in the store.
"""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from aimon import clock
from aimon.access.denied import DeniedError
from aimon.keyring import Key, Keyring

ACCESS_FOR = timedelta(minutes=10)
ALGORITHM = "Ed25519"
TYPE = "at+jwt"
ISSUER = "aimon"
AUDIENCE = "aimon-api"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose it is, and which session it belongs to. Rights are looked up, not believed."""

    user_id: int
    session_id: str


def access_token(keyring: Keyring, user_id: int, session_id: str) -> str:
    """A token for the next minutes."""
    now = int(clock.now().timestamp())
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": keyring.current.id}
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": session_id,
        "iat": now,
        "exp": now + int(ACCESS_FOR.total_seconds()),
    }
    return jwt.encode(header, claims, _signing_key(keyring.current), algorithms=[ALGORITHM])


def access_claims(keyring: Keyring, token: str) -> AccessClaims:
    """What a token says, if one of our keys signed it and it is not over. Raises `DeniedError` otherwise."""
    try:
        for key in keyring.keys:
            if key.id == _key_id(token):
                return _claims(token, key)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise DeniedError(f"no valid token: {type(error).__name__}") from error
    raise DeniedError("no valid token: unknown key")


def is_access_token(text: str) -> bool:
    """Whether it looks like one: three parts."""
    return text.count(".") == 2


def refresh_token(keyring: Keyring, session_id: str, generation: int) -> str:
    """The token that is exchanged for the next pair."""
    return f"{session_id}.{generation}.{keyring.current.mac('refresh tokens', f'{session_id}.{generation}'.encode())}"


def refresh_claims(keyring: Keyring, token: str) -> tuple[str, int]:
    """The session and the generation of a refresh token that we gave out. Raises `DeniedError` otherwise."""
    named, _, mac = token.rpartition(".")
    session_id, _, generation = named.partition(".")
    if not generation.isdecimal() or keyring.sealer("refresh tokens", _bytes(named), mac) is None:
        raise DeniedError("no refresh token of ours")
    return session_id, int(generation)


def cookie(keyring: Keyring, session_id: str) -> str:
    """What the browser keeps and no script sees."""
    return f"{session_id}.{keyring.current.mac('cookies', session_id.encode())}"


def cookie_session(keyring: Keyring, value: str) -> str:
    """The session of a cookie that we gave out. Raises `DeniedError` otherwise."""
    session_id, _, mac = value.partition(".")
    if keyring.sealer("cookies", _bytes(session_id), mac) is None:
        raise DeniedError("no cookie of ours")
    return session_id


def csrf_token(keyring: Keyring, session_id: str) -> str:
    """What a page of ours sends beside the cookie; a page of somebody else cannot know it."""
    return keyring.current.mac("csrf", session_id.encode())


def is_csrf_token(keyring: Keyring, session_id: str, token: str) -> bool:
    """Whether it belongs to the session."""
    return keyring.sealer("csrf", session_id.encode(), token) is not None


def _claims(token: str, key: Key) -> AccessClaims:
    decoded = jwt.decode(token, _signing_key(key), algorithms=[ALGORITHM])
    if decoded.header.get("typ") != TYPE:
        raise ValueError("another type of token")
    needed = jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
    )
    needed.validate(decoded.claims)
    return AccessClaims(int(decoded.claims["sub"]), str(decoded.claims["sid"]))


def _key_id(token: str) -> str:
    """Which key the token says it was signed with; it is proven by the signature."""
    head = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return str(header["kid"])


@lru_cache(maxsize=8)
def _signing_key(key: Key) -> OKPKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = key.derived("tokens")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": _text(seed), "x": _text(public)})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
