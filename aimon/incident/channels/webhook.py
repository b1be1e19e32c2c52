"""A generic webhook: the notice as JSON, signed and timestamped the way of Standard Webhooks."""

import base64
import hmac
from binascii import Error as NotBase64
from hashlib import sha256

from aimon import clock
from aimon.incident.channels.http import post
from aimon.store.columns import dump_json
from aimon.store.notices import Notice

PREFIX = "whsec_"


class WebhookChannel:
    """Posts the payload of notices. The id in the header never changes, so that receivers deduplicate by it."""

    def __init__(self, url: str, secret: str, *, allow_private: bool = False) -> None:
        self.url = url
        self.secret = secret
        self.allow_private = allow_private

    def send(self, notice: Notice) -> None:
        body = dump_json(dict(notice.payload)).encode()
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "webhook-id": notice.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self.secret, notice.id, timestamp, body),
            "idempotency-key": notice.id,
        }
        post(self.url, body, headers=headers, allow_private=self.allow_private)


def signature(secret: str, notice_id: str, timestamp: str, body: bytes) -> str:
    """The base64 of HMAC-SHA256 over id, timestamp and body, parted by full stops.

    A secret that begins with whsec_ is base64 of the key, any other one is the key itself.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
    ...     b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = secret.encode()
    if secret.startswith(PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except NotBase64:
            key = secret.encode()
    signed = f"{notice_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
