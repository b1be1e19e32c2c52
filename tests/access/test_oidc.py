"""Logging in by a provider that is a real server, and everything that a wrong one could say."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from aimon import clock
from aimon.access.denied import DeniedError
from aimon.access.oidc import Provider, ProviderError
from aimon.access.oidc_people import recognised, role_of
from aimon.access.rights import Role
from aimon.keyring import Key, Keyring
from aimon.spec.oidc import OidcSpec
from tests.access.provider import CLIENT, SECRET, FakeProvider, provided

RING = Keyring(Key.of("s" * 40))
CALLBACK = "https://aimon.example.org/api/v1/auth/oidc/callback"


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with provided() as opened:
        yield opened


def declared(fake: FakeProvider, **changed: Any) -> OidcSpec:
    told = {
        "issuer": fake.address,
        "client_id": CLIENT,
        "client_secret": "$OIDC_SECRET",
        "redirect_url": CALLBACK,
        "roles": {"admin": ["admins"], "auditor": ["auditors"], "viewer": ["everybody"]},
        "allow_private": True,
    }
    return OidcSpec.model_validate({**told, **changed})


@pytest.fixture
def provider(fake: FakeProvider) -> Provider:
    return Provider(declared(fake), RING, {"OIDC_SECRET": SECRET})


def logged_in(provider: Provider, fake: FakeProvider) -> dict[str, Any]:
    address, kept = provider.begin()
    return provider.finish(kept, fake.visited(address))


def test_whoever_logs_in_there_comes_back_with_the_claims_of_a_token(provider: Provider, fake: FakeProvider) -> None:
    claims = logged_in(provider, fake)

    assert (claims["sub"], claims["preferred_username"]) == ("248289761001", "Ann")
    assert fake.asked == ["/.well-known/openid-configuration", "/keys", "/token"]
    logged_in(provider, fake)
    assert fake.asked[3:] == ["/token"]  # what it announced is remembered


def test_the_browser_is_sent_with_a_state_a_nonce_and_a_challenge_that_are_never_the_same(provider: Provider) -> None:
    first, again = provider.begin()[0], provider.begin()[0]

    for part in ("response_type=code", "client_id=aimon", "code_challenge_method=S256", "scope=openid+profile+email"):
        assert part in first
    for name in ("state=", "nonce=", "code_challenge="):
        one, other = (address.partition(name)[2].partition("&")[0] for address in (first, again))
        assert len(one) >= 43
        assert one != other
    assert SECRET not in first


def soon(seconds: int) -> int:
    return int(time.time()) + seconds


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "another"}, "oidc: the ID token is of another login"),
        ({"nonce": None}, "oidc: no valid ID token: MissingClaimError"),
        ({"aud": "another"}, "oidc: no valid ID token: InvalidClaimError"),
        ({"aud": None}, "oidc: no valid ID token: MissingClaimError"),
        ({"aud": [CLIENT, "another"]}, "oidc: the ID token was given to somebody else"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "oidc: the ID token was given to somebody else"),
        ({"iss": "https://evil.example.org"}, "oidc: no valid ID token: InvalidClaimError"),
        ({"exp": soon(-120)}, "oidc: no valid ID token: ExpiredTokenError"),
        ({"exp": None}, "oidc: no valid ID token: MissingClaimError"),
        ({"iat": soon(3600)}, "oidc: no valid ID token: InvalidClaimError"),
        ({"sub": None}, "oidc: no valid ID token: MissingClaimError"),
    ],
)
def test_a_token_that_is_not_for_this_login_is_refused(
    provider: Provider, fake: FakeProvider, claims: dict[str, Any], reason: str
) -> None:
    fake.claims = claims
    with pytest.raises(DeniedError) as refused:
        logged_in(provider, fake)
    assert refused.value.reason == reason


def unsigned(fake: FakeProvider) -> None:
    fake.algorithm = "none"


def by_the_public_key_as_a_secret(fake: FakeProvider) -> None:
    fake.algorithm = "HS256"


def by_another_key_of_that_name(fake: FakeProvider) -> None:
    fake.signs_by = RSAKey.generate_key(2048)


def by_a_key_that_is_not_announced(fake: FakeProvider) -> None:
    fake.signs_by, fake.header = RSAKey.generate_key(2048), {"kid": "unknown"}


def by_a_key_it_brings_along(fake: FakeProvider) -> None:
    own = RSAKey.generate_key(2048)
    fake.signs_by, fake.header = own, {"jwk": own.as_dict(private=False)}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "misdeed",
    [
        unsigned,
        by_the_public_key_as_a_secret,
        by_another_key_of_that_name,
        by_a_key_that_is_not_announced,
        by_a_key_it_brings_along,
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    provider: Provider, fake: FakeProvider, misdeed: Callable[[FakeProvider], None]
) -> None:
    misdeed(fake)
    with pytest.raises(DeniedError, match="oidc: no valid ID token: "):
        logged_in(provider, fake)


def test_a_provider_may_change_its_keys_at_any_time(provider: Provider, fake: FakeProvider) -> None:
    logged_in(provider, fake)
    fake.key, fake.algorithm = ECKey.generate_key("P-256", {"kid": "second", "use": "sig"}), "ES256"

    assert logged_in(provider, fake)["sub"] == "248289761001"
    assert fake.asked.count("/keys") == 2


def test_what_comes_back_must_belong_to_the_login_that_this_browser_began(
    provider: Provider, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, kept = provider.begin()
    brought = fake.visited(address)
    _, of_another = provider.begin()

    def refusal(kept: str | None, brought: dict[str, str]) -> str:
        with pytest.raises(DeniedError) as refused:
            provider.finish(kept, brought)
        return refused.value.reason

    assert refusal(kept, {**brought, "state": "x"}) == "oidc: another state"
    assert refusal(kept, {"code": brought["code"]}) == "oidc: another state"
    assert refusal(of_another, brought) == "oidc: another state"
    for none in (None, "", "x.y", kept[:-1], f"{kept}0"):
        assert refusal(none, brought) == "oidc: no login was begun in this browser"
    assert refusal(kept, {**brought, "error": "access_denied\n"}) == "oidc: the provider refused: 'access_denied\\n'"
    assert refusal(kept, {**brought, "iss": "https://evil.example.org"}) == "oidc: another issuer answered"
    assert refusal(kept, {**brought, "code": "another"}) == "oidc: the provider gave no token (400)"
    assert "/token" in fake.asked
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr("aimon.access.oidc.clock.now", lambda: later)
    assert refusal(kept, brought) == "oidc: the login took too long"


def test_a_code_without_the_verifier_of_its_challenge_is_worth_nothing(provider: Provider, fake: FakeProvider) -> None:
    address, kept = provider.begin()
    brought = fake.visited(address)
    fake.challenge = "of-a-login-that-was-intercepted"
    with pytest.raises(DeniedError, match="oidc: the provider gave no token"):
        provider.finish(kept, brought)


@pytest.mark.parametrize(
    ("announces", "said"),
    [
        (
            {"issuer": "https://evil.example.org"},
            "calls itself another issuer; write oidc.issuer exactly as the provider",
        ),
        ({"token_endpoint": "http://evil.example.org/token"}, "announces no token_endpoint that is encrypted"),
        ({"jwks_uri": "file:///etc/passwd"}, "announces no jwks_uri that is encrypted"),
        ({"jwks_uri": None}, "announces no jwks_uri that is encrypted"),
        (
            {"jwks_uri": "http://localhost:1/keys"},
            "localhost is a private address or one of this machine; allow_private",
        ),
        ({"jwks_uri": "https://169.254.169.254/keys"}, "169.254.169.254 is a private address or one of this machine"),
    ],
)
def test_a_provider_that_points_elsewhere_is_not_followed(
    provider: Provider, fake: FakeProvider, announces: dict[str, Any], said: str
) -> None:
    fake.announces = announces
    with pytest.raises(ProviderError) as refused:
        provider.begin()
    assert said in str(refused.value)
    assert fake.asked == ["/.well-known/openid-configuration"]


def test_a_provider_on_this_machine_must_be_allowed(fake: FakeProvider) -> None:
    with pytest.raises(ProviderError) as refused:
        Provider(declared(fake, allow_private=False), RING).begin()
    assert str(refused.value) == (
        "the provider of logins does not answer: 127.0.0.1 is a private address or one of this machine; "
        "allow_private: true in oidc would let it pass"
    )
    assert fake.asked == []


def test_a_provider_that_is_away_or_a_secret_that_is_not_set_is_one_sentence(fake: FakeProvider) -> None:
    with pytest.raises(ProviderError, match=r"^127\.0\.0\.1 answered 404; is oidc\.issuer right\?$"):
        Provider(declared(fake, issuer=f"{fake.address}/elsewhere"), RING).begin()
    unset = Provider(declared(fake), RING, {})
    address, kept = unset.begin()
    with pytest.raises(
        ProviderError, match=r"^\$OIDC_SECRET is not set in the environment; set it where the API runs$"
    ):
        unset.finish(kept, fake.visited(address))


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["everybody", "admins"]}, Role.ADMIN),
        ({"groups": "auditors"}, Role.AUDITOR),
        ({"groups": ["nobody"]}, None),
        ({"groups": {"admins": True}}, None),
        ({"groups": [["admins"]]}, None),
        ({}, None),
    ],
)
def test_the_strongest_role_of_the_groups_counts(fake: FakeProvider, claims: dict[str, Any], role: Role | None) -> None:
    assert role_of(declared(fake), claims) == role


def test_groups_may_lie_deeper(fake: FakeProvider) -> None:
    spec = declared(fake, role_claim="realm_access.roles")
    assert role_of(spec, {"realm_access": {"roles": ["admins"]}}) == Role.ADMIN
    assert role_of(spec, {"realm_access": "admins"}) is None
    assert role_of(
        declared(fake, role_claim="https://example.org/roles"), {"https://example.org/roles": ["admins"]}
    ) == (Role.ADMIN)


def test_people_are_made_at_their_first_login_and_follow_their_groups(accounts: Any, fake: FakeProvider) -> None:
    spec = declared(fake)
    claims = {"sub": "1", "preferred_username": "Zoe", "email": "zoe@example.org", "groups": ["everybody"]}
    first = recognised(accounts, spec, claims)
    promoted = recognised(accounts, spec, {**claims, "groups": ["auditors"], "preferred_username": "renamed"})

    assert (first.name, first.role, first.email, first.password_hash) == ("zoe", "viewer", "zoe@example.org", None)
    assert (promoted.id, promoted.name, promoted.role) == (first.id, "zoe", "auditor")
    assert [(row.actor, row.action) for row in accounts.trail.rows(subject="user:zoe")] == [
        ("oidc", "users.role"),
        ("oidc", "users.create"),
    ]


def test_nobody_takes_a_name_over_or_comes_in_without_a_group(accounts: Any, fake: FakeProvider) -> None:
    from aimon.access import users as people

    spec = declared(fake)
    with accounts.trail.change("tests") as change:
        people.add(change, "taken", Role.ADMIN, password="correct horse battery")

    def refusal(**claims: Any) -> str:
        with pytest.raises(DeniedError) as refused:
            recognised(accounts, spec, {"sub": "9", "preferred_username": "yan", "groups": ["everybody"], **claims})
        return refused.value.reason

    assert refusal(preferred_username="Taken") == "oidc: the name taken belongs to somebody else here"
    assert refusal(preferred_username="a b\n") == "oidc: the claim preferred_username is no name of a user"
    assert refusal(preferred_username=None) == "oidc: the claim preferred_username is no name of a user"
    assert refusal(groups=["others"]) == "oidc: no group that has a role"
    recognised(accounts, spec, {"sub": "9", "preferred_username": "yan", "groups": ["everybody"]})
    with accounts.trail.change("tests") as change:
        people.disable(change, "yan")
    assert refusal() == "disabled"
    assert refusal(sub="another") == "oidc: the name yan belongs to somebody else here"
