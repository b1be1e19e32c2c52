"""Logging in by an OpenID Connect provider: the authorization-code flow with PKCE, by the addresses it announces.

In: what a person's browser brought back. Out: the claims of an ID token that is surely the provider's, for us, fresh
and for this login; or `DeniedError`.
"""

import base64
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from aimon import clock
from aimon.access.denied import DeniedError
from aimon.errors import UserError
from aimon.incident.channel import DeliveryError
from aimon.incident.channels.http import Answer, ask
from aimon.keyring import Keyring
from aimon.spec.oidc import CALLBACK, OidcSpec, check_encrypted

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Those by which only the provider can sign; `none` and those with a shared secret are not among them."""
LASTS = timedelta(minutes=10)
"""How long a person may take at the provider."""
REMEMBERED = timedelta(hours=1)
LEEWAY_SECONDS = 60
PURPOSE = "oidc logins"
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LEAVING = "end_session_endpoint"
"""Where a person logs out of the provider too (RP-initiated logout); not every provider has such a page."""


class ProviderError(UserError):
    """The provider is away, or does not say what the protocol asks of it."""


@dataclass(frozen=True, slots=True)
class Login:
    """One login on its way: what the browser must bring back, and what the token must hold."""

    state: str
    nonce: str
    verifier: str
    began: int


@dataclass(frozen=True, slots=True)
class _Announced:
    """What the provider says of itself, with the keys it signs by."""

    addresses: Mapping[str, str]
    keys: KeySet
    at: datetime


class Provider:
    """The provider of one project. Threads share it; it is asked when somebody logs in, and remembered for an hour."""

    def __init__(self, spec: OidcSpec, keyring: Keyring, environment: Mapping[str, str] = os.environ) -> None:
        self.spec = spec
        self._keyring = keyring
        self._environment = environment
        self._announced: _Announced | None = None
        self._lock = threading.Lock()

    def begin(self) -> tuple[str, str]:
        """Where to send the browser, and what it keeps meanwhile. Raises `ProviderError`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        login = Login(state, nonce, verifier, int(clock.now().timestamp()))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(login.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.spec.client_id,
            "redirect_uri": self.spec.redirect_url,
            "scope": " ".join(dict.fromkeys(("openid", *self.spec.scopes))),
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = self._known().addresses["authorization_endpoint"]
        joined = f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
        kept = base64.urlsafe_b64encode(json.dumps(asdict(login)).encode()).decode()
        return joined, f"{kept}.{self._keyring.current.mac(PURPOSE, kept.encode())}"

    def leaving(self) -> str | None:
        """Where a browser logs out of the provider too; None where it has no such page, or is away.

        Its ID token is not kept here, so the provider may ask the person whether they mean it.
        """
        try:
            address = self._known().addresses.get(LEAVING)
        except ProviderError:
            return None
        if address is None:
            return None
        back = self.spec.redirect_url.removesuffix(CALLBACK) + "/"
        asked = urlencode({"client_id": self.spec.client_id, "post_logout_redirect_uri": back})
        return f"{address}?{asked}"

    def is_of(self, identity: str | None) -> bool:
        """Whether the provider says who this person is."""
        return identity is not None and identity.startswith(f"{self.spec.issuer} ")

    def finish(self, kept: str | None, brought: Mapping[str, str]) -> dict[str, Any]:
        """The claims about the person who came back. Raises `DeniedError`, or `ProviderError`."""
        login = self._kept(kept)
        if not secrets.compare_digest(brought.get("state", "").encode(), login.state.encode()):
            raise DeniedError("oidc: another state")
        if "error" in brought:
            raise DeniedError(f"oidc: the provider refused: {brought['error'][:100]!a}")
        if brought.get("iss", self.spec.issuer) != self.spec.issuer:
            raise DeniedError("oidc: another issuer answered")
        return self._verified(self._token(brought.get("code", ""), login), login)

    def _kept(self, kept: str | None) -> Login:
        """What the browser kept, if it is ours and not too old."""
        content, _, mac = (kept or "").partition(".")
        if self._keyring.sealer(PURPOSE, content.encode("utf-8", "surrogatepass"), mac) is None:
            raise DeniedError("oidc: no login was begun in this browser")
        login = Login(**json.loads(base64.urlsafe_b64decode(content)))
        if clock.now().timestamp() - login.began > LASTS.total_seconds():
            raise DeniedError("oidc: the login took too long")
        return login

    def _token(self, code: str, login: Login) -> str:
        """The ID token that the provider gives for the code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.spec.redirect_url,
            "client_id": self.spec.client_id,
            "code_verifier": login.verifier,
        }
        if self.spec.client_secret is not None:
            form["client_secret"] = self._secret(self.spec.client_secret)
        answer = self._ask(self._known().addresses["token_endpoint"], form)
        if answer.status != 200:
            raise DeniedError(f"oidc: the provider gave no token ({answer.status})")
        token = _object(answer, "its answer to a code").get("id_token")
        if not isinstance(token, str):
            raise ProviderError(f"{self.spec.issuer} gave no ID token; does it know the scope openid?")
        return token

    def _verified(self, token: str, login: Login) -> dict[str, Any]:
        try:
            claims = self._decoded(token)
            self._expected().validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise DeniedError(f"oidc: no valid ID token: {type(error).__name__}") from error
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.spec.client_id:
            raise DeniedError("oidc: the ID token was given to somebody else")
        if not secrets.compare_digest(str(claims["nonce"]).encode(), login.nonce.encode()):
            raise DeniedError("oidc: the ID token is of another login")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        """The claims, if the provider signed them; its keys are asked for again where it signs by one that is new."""
        known = self._known()
        if _key_id(token) not in {key.kid for key in known.keys.keys}:
            known = self._known(afresh=True)
        return dict(jwt.decode(token, known.keys, algorithms=ALGORITHMS).claims)

    def _expected(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.spec.issuer},
            aud={"essential": True, "value": self.spec.client_id},
            sub={"essential": True},
            nonce={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    def _known(self, *, afresh: bool = False) -> _Announced:
        with self._lock:
            known = self._announced
            if known is None or afresh or clock.now() - known.at > REMEMBERED:
                known = self._announced = self._discovered()
            return known

    def _discovered(self) -> _Announced:
        issuer = self.spec.issuer
        told = _object(self._asked(issuer.rstrip("/") + DISCOVERY), "its discovery document")
        if told.get("issuer") != issuer:
            raise ProviderError(f"{issuer} calls itself another issuer; write oidc.issuer exactly as the provider does")
        wanted = (*ENDPOINTS, LEAVING) if told.get(LEAVING) else ENDPOINTS
        addresses = {name: self._checked(name, told.get(name)) for name in wanted}
        keys = _object(self._asked(addresses["jwks_uri"]), "its keys")
        try:
            return _Announced(addresses, KeySet.import_key_set(_public(keys)), clock.now())
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(f"{issuer} announces keys that are none: {type(error).__name__}") from error

    def _checked(self, name: str, address: object) -> str:
        try:
            return check_encrypted(address if isinstance(address, str) else "")
        except ValueError:
            raise ProviderError(f"{self.spec.issuer} announces no {name} that is encrypted") from None

    def _asked(self, address: str) -> Answer:
        answer = self._ask(address)
        if answer.status != 200:
            raise ProviderError(f"{urlsplit(address).hostname} answered {answer.status}; is oidc.issuer right?")
        return answer

    def _ask(self, address: str, form: Mapping[str, str] | None = None) -> Answer:
        """Only the issuer's own host may be private: what it announces must not reach what only this machine can."""
        own = urlsplit(address).netloc == urlsplit(self.spec.issuer).netloc
        try:
            return ask(address, form, allow_private=self.spec.allow_private and own)
        except DeliveryError as error:
            said = str(error).replace("on the channel", "in oidc")
            raise ProviderError(f"the provider of logins does not answer: {said}") from None

    def _secret(self, reference: str) -> str:
        name = reference.strip("${}")
        if not (value := self._environment.get(name, "")):
            raise ProviderError(f"${name} is not set in the environment; set it where the API runs")
        return value


def _object(answer: Answer, what: str) -> dict[str, Any]:
    try:
        told = json.loads(answer.text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ProviderError(f"the provider of logins sent {what}, which is no JSON object")
    return told


def _public(keys: dict[str, Any]) -> Any:
    """The keys for signatures; a key without a name, or of a kind that proves nothing, is left out."""
    usable = [key for key in keys["keys"] if key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"]
    return {"keys": [key for key in usable if key.get("kid")]}


def _key_id(token: str) -> str:
    head = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return str(header["kid"])
