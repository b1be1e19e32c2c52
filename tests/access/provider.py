"""An OpenID Connect provider: a real server on loopback that can be told to do everything wrong."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "aimon", "the client's own secret"
CODE = "a-code-for-once"


@dataclass
class FakeProvider:
    """What it says, and what it was asked."""

    address: str
    key: RSAKey | ECKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    claims: dict[str, Any] = field(default_factory=dict)
    """What its tokens say besides, or instead."""
    announces: dict[str, Any] = field(default_factory=dict)
    """What its discovery document says instead."""
    algorithm: str = "RS256"
    signs_by: Any = None
    """Another key than the announced one."""
    header: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    challenge: str = ""
    nonce: str = ""

    def discovery(self) -> dict[str, Any]:
        own = self.address
        return {
            "issuer": own,
            "authorization_endpoint": f"{own}/authorize",
            "token_endpoint": f"{own}/token",
            "jwks_uri": f"{own}/keys",
            **self.announces,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig"}]}

    def visited(self, address: str) -> dict[str, str]:
        """What a browser brings back that was sent to the address and logged in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.challenge, self.nonce = asked["code_challenge"], asked["nonce"]
        return {"state": asked["state"], "code": CODE}

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge
        expected = {"code": CODE, "client_id": CLIENT, "client_secret": SECRET, "grant_type": "authorization_code"}
        if not proven or any(form.get(name) != value for name, value in expected.items()):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "248289761001",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            "preferred_username": "Ann",
            "email": "ann@example.org",
            "groups": ["everybody", "auditors"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"token_type": "Bearer", "access_token": "unused", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid, **self.header}
        if self.algorithm in ("none", "HS256"):
            parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims))
            return self._by_hand(b".".join(parts))
        return jwt.encode(header, claims, self.signs_by or self.key, algorithms=[self.algorithm])

    def _by_hand(self, message: bytes) -> str:
        """What a library would refuse to sign: nothing, or the announced key misused as a shared secret."""
        made = hmac.digest(self.key.as_pem(private=False), message, "sha256") if self.algorithm == "HS256" else b""
        return (message + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()


@contextmanager
def provided() -> Iterator[FakeProvider]:
    """The provider, served until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/.well-known/openid-configuration": fake.discovery, "/keys": fake.keys}
            fake.asked.append(self.path)
            self._say(200, known[self.path]()) if self.path in known else self._say(404, {})

        def do_POST(self) -> None:
            fake.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*fake.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, status: int, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake = FakeProvider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
