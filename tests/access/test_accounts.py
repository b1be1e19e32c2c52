"""Logging in, staying in, and being thrown out."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import OKPKey

from aimon.access import passwords, tokens, users
from aimon.access.accounts import Accounts
from aimon.access.denied import DeniedError, LockedOutError
from aimon.access.rights import Principal, Right, Role
from aimon.errors import UserError
from aimon.keyring import Key, Keyring
from aimon.store.sessions import Kind

PASSWORD = "correct horse battery"
RING = Keyring(Key.of("k" * 32))
HERE = "192.0.2.1"


def log_in(accounts, name="ann", password=PASSWORD, *, address=HERE, kind=Kind.TOKEN):
    user, session_id = accounts.log_in(name, password, address=address, kind=kind)
    return user, session_id, accounts.tokens(user.id, session_id)


def refused(call, *arguments, **named) -> str:
    with pytest.raises(DeniedError) as caught:
        call(*arguments, **named)
    return caught.value.reason


def test_a_password_opens_a_session_whose_token_names_the_person(accounts):
    _, session_id, given = log_in(accounts, " Ann ")

    principal = accounts.of_bearer(given.access)

    assert (principal.name, principal.session_id, given.expires_in) == ("user:ann", session_id, 600)
    assert principal.may(Right.ADMIN)
    assert not accounts.of_bearer(log_in(accounts, "vic")[2].access).may(Right.ADMIN)


def test_every_wrong_login_is_refused_alike(accounts, trail):
    with trail.change("system") as change:
        users.disable(change, "vic")

    assert refused(log_in, accounts, "ann", "guess") == "wrong password"
    assert refused(log_in, accounts, "nobody", PASSWORD) == "unknown user"
    assert refused(log_in, accounts, "\0\ud800;--", PASSWORD) == "unknown user"
    assert refused(log_in, accounts, "vic", PASSWORD) == "disabled"
    assert refused(log_in, accounts, "vic", "guess") == "wrong password"


def test_passwords_are_kept_as_argon2id_and_shown_nowhere(accounts, store):
    with store.session() as connection:
        kept = [user.password_hash for user in users.users.everybody(connection)]

    assert all(each.startswith("$argon2id$") for each in kept)
    assert len(set(kept)) == 2
    assert PASSWORD not in repr(kept)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "a password has 12 to 256 characters; this one has 5"),
        ("x" * 300, "a password has 12 to 256 characters; this one has 300"),
        ("Bob-2026-Bob-2026", "the password holds the user's name; choose another"),
        ("abababababababab", "the password repeats a few characters; choose another"),
    ],
)
def test_weak_passwords_are_refused(accounts, trail, password, said):
    with pytest.raises(UserError) as caught, trail.change("user:ann") as change:
        users.add(change, "bob", Role.VIEWER, password=password)

    assert str(caught.value) == said


def test_a_token_is_over_after_ten_minutes_and_a_refresh_gives_the_next(accounts, clock_at):
    _, _, given = log_in(accounts)
    clock_at(timedelta(minutes=11))

    assert refused(accounts.of_bearer, given.access) == "no valid token: ExpiredTokenError"
    assert accounts.of_bearer(accounts.refresh(given.refresh).access).name == "user:ann"


def test_a_stolen_refresh_token_ends_the_session_of_thief_and_owner(accounts, trail):
    _, _, first = log_in(accounts)
    second = accounts.refresh(first.refresh)

    assert refused(accounts.refresh, first.refresh) == "a refresh token was used twice"
    assert refused(accounts.refresh, second.refresh) == "the session has ended"
    assert refused(accounts.of_bearer, second.access) == "the session has ended"
    assert trail.rows(action="sessions.stolen")


def test_of_two_refreshes_at_once_one_is_the_thief(accounts):
    _, _, given = log_in(accounts)

    def refresh(_: int) -> str:
        try:
            return accounts.refresh(given.refresh).access
        except DeniedError as error:
            return error.reason

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(refresh, range(4)))

    assert sum(outcome.count(".") == 2 for outcome in outcomes) == 1
    assert "a refresh token was used twice" in outcomes


@pytest.mark.parametrize("shown", ["", ".", "a.b.c", "x.1.", "\ud800.1.a", "a.99999999999999999999.b", "é.1.ü"])
def test_refresh_tokens_that_are_none_are_refused(accounts, shown):
    assert refused(accounts.refresh, shown) == "no refresh token of ours"


def test_a_made_up_generation_is_refused_and_ends_nothing(accounts):
    _, session_id, given = log_in(accounts)
    mac = given.refresh.rpartition(".")[2]

    assert refused(accounts.refresh, f"{session_id}.2.{mac}") == "no refresh token of ours"
    assert accounts.of_bearer(given.access).name == "user:ann"


def test_logging_out_ends_the_token_at_once(accounts):
    _, session_id, given = log_in(accounts)
    principal = accounts.of_bearer(given.access)

    assert accounts.end(principal, session_id)
    assert not accounts.end(principal, session_id)
    assert refused(accounts.of_bearer, given.access) == "the session has ended"
    assert refused(accounts.refresh, given.refresh) == "the session has ended"


def test_whoever_is_disabled_demoted_or_reset_is_out_at_once(accounts, trail):
    for change_it in (
        lambda change: users.disable(change, "vic"),
        lambda change: users.enable(change, "vic") and users.set_role(change, "vic", Role.AUDITOR),
        lambda change: users.reset_password(change, "vic"),
    ):
        with trail.change("user:ann") as change:
            users.enable(change, "vic")
        _, _, given = log_in(accounts, "vic")
        with trail.change("user:ann") as change:
            change_it(change)
        assert refused(accounts.of_bearer, given.access) == "the session has ended"


def test_a_one_time_password_opens_nothing_but_its_own_change(accounts, trail):
    with trail.change("user:ann") as change:
        password = users.reset_password(change, "vic")
    user, session_id, given = log_in(accounts, "vic", password)
    principal = accounts.of_bearer(given.access)

    assert (principal.may(Right.SELF), principal.may(Right.READ)) == (True, False)
    with trail.change("user:vic") as change:
        users.choose_password(change, user.id, password, "a new and long one", session_id=session_id)
    assert accounts.of_bearer(given.access).may(Right.READ)
    assert refused(log_in, accounts, "vic", password) == "wrong password"


def test_changing_the_password_ends_the_other_sessions_and_needs_the_old_one(accounts, trail):
    user, session_id, mine = log_in(accounts)
    _, _, other = log_in(accounts)

    def choose(old: str, new: str) -> None:
        with trail.change("user:ann") as change:
            users.choose_password(change, user.id, old, new, session_id=session_id)

    assert refused(choose, "guess", "another good password") == "wrong password"
    with pytest.raises(UserError, match="the new password is the old one"):
        choose(PASSWORD, PASSWORD)
    choose(PASSWORD, "another good password")
    assert accounts.of_bearer(mine.access).name == "user:ann"
    assert refused(accounts.of_bearer, other.access) == "the session has ended"


def test_sessions_that_nobody_uses_expire(accounts, clock_at):
    user, session_id, _ = log_in(accounts, kind=Kind.BROWSER)
    cookie = tokens.cookie(RING, session_id)
    for hours in (1, 2.5, 4):
        clock_at(timedelta(hours=hours))
        assert accounts.of_cookie(cookie).name == f"user:{user.name}"
    clock_at(timedelta(hours=6.5))
    assert refused(accounts.of_cookie, cookie) == "the session has expired"


def test_a_session_of_a_browser_is_no_session_of_tokens(accounts):
    user, session_id, given = log_in(accounts, kind=Kind.BROWSER)

    assert refused(accounts.refresh, given.refresh) == "unknown session"
    assert refused(accounts.of_bearer, given.access) == "unknown session"
    _, token_session, _ = log_in(accounts)
    assert refused(accounts.of_cookie, tokens.cookie(RING, token_session)) == "unknown session"
    assert refused(accounts.of_cookie, f"{session_id}.{'0' * 64}") == "no cookie of ours"
    assert user.name == "ann"


def test_csrf_tokens_belong_to_one_session(accounts):
    assert tokens.is_csrf_token(RING, "a", tokens.csrf_token(RING, "a"))
    assert not tokens.is_csrf_token(RING, "b", tokens.csrf_token(RING, "a"))
    assert not tokens.is_csrf_token(RING, "a", "\ud800")


class TestJwtConfusion:
    """Tokens that others would like to be ours."""

    @staticmethod
    def claims(session_id: str, **other) -> dict:
        now = 1_795_154_400  # 2026-11-20T06:00:00Z
        return {
            "iss": "aimon",
            "aud": "aimon-api",
            "sub": "1",
            "sid": session_id,
            "iat": now,
            "exp": now + 600,
            **other,
        }

    @staticmethod
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    def test_one_of_ours_is_accepted(self, accounts: Accounts):
        _, session_id, _ = log_in(accounts)
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": RING.current.id}
        token = jwt.encode(header, self.claims(session_id), tokens._signing_key(RING.current), algorithms=["Ed25519"])

        assert accounts.of_bearer(token).name == "user:ann"

    @pytest.mark.parametrize("alg", ["none", "None", "", "HS256", "EdDSA"])
    def test_another_algorithm_is_refused(self, accounts: Accounts, alg):
        _, session_id, _ = log_in(accounts)
        header = self.part({"alg": alg, "typ": "at+jwt", "kid": RING.current.id})
        signed = f"{header}.{self.part(self.claims(session_id))}"
        seed = Ed25519PrivateKey.from_private_bytes(RING.current.derived("tokens"))
        public = seed.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        forged = hmac.new(public, signed.encode(), hashlib.sha256).digest()
        signatures = {"": b"", "HS256": forged, "EdDSA": seed.sign(signed.encode())}
        signature = base64.urlsafe_b64encode(signatures.get(alg, b"")).rstrip(b"=").decode()

        assert refused(accounts.of_bearer, f"{signed}.{signature}").startswith("no valid token")

    def test_a_token_signed_with_another_key_is_refused(self, accounts: Accounts):
        _, session_id, _ = log_in(accounts)
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": RING.current.id}
        stranger = OKPKey.generate_key("Ed25519")
        token = jwt.encode(header, self.claims(session_id), stranger, algorithms=["Ed25519"])

        assert refused(accounts.of_bearer, token) == "no valid token: BadSignatureError"

    def test_a_key_that_comes_with_the_token_is_not_believed(self, accounts: Accounts):
        _, session_id, _ = log_in(accounts)
        stranger = OKPKey.generate_key("Ed25519")
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": "mine", "jwk": stranger.as_dict(private=False)}
        token = jwt.encode(header, self.claims(session_id), stranger, algorithms=["Ed25519"])

        assert refused(accounts.of_bearer, token) == "no valid token: unknown key"

    @pytest.mark.parametrize(
        "other",
        [
            {"exp": 1_795_154_399},
            {"exp": None},
            {"aud": "another"},
            {"iss": "another"},
            {"sub": "x"},
            {"sub": "2"},
            {"sid": "unknown"},
            {"exp": "later"},
        ],
    )
    def test_wrong_claims_are_refused(self, accounts: Accounts, other):
        _, session_id, _ = log_in(accounts)
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": RING.current.id}
        claims = {name: value for name, value in self.claims(session_id, **other).items() if value is not None}
        token = jwt.encode(header, claims, tokens._signing_key(RING.current), algorithms=["Ed25519"])

        assert refused(accounts.of_bearer, token)

    def test_a_token_of_another_type_is_refused(self, accounts: Accounts):
        _, session_id, _ = log_in(accounts)
        header = {"alg": "Ed25519", "typ": "JWT", "kid": RING.current.id}
        token = jwt.encode(header, self.claims(session_id), tokens._signing_key(RING.current), algorithms=["Ed25519"])

        assert refused(accounts.of_bearer, token) == "no valid token: ValueError"

    @pytest.mark.parametrize("shown", ["..", "a.b.c", "é.ü.ö", "W10.e30.e30", f"{'a' * 9999}..", "bnVsbA.e30."])
    def test_what_is_no_token_at_all_is_refused(self, accounts: Accounts, shown):
        assert refused(accounts.of_bearer, shown).startswith("no valid token")

    def test_after_the_secret_was_replaced_earlier_tokens_hold_until_they_are_over(self, accounts: Accounts, clock_at):
        _, _, given = log_in(accounts)
        newer = Accounts(accounts.store, accounts.trail, Keyring(Key.of("n" * 32), RING.keys))

        assert newer.of_bearer(given.access).name == "user:ann"
        assert newer.of_bearer(newer.refresh(given.refresh).access).name == "user:ann"
        stranger = Accounts(accounts.store, accounts.trail, Keyring(Key.of("n" * 32)))
        assert refused(stranger.of_bearer, given.access) == "no valid token: unknown key"


def test_the_first_start_makes_one_admin_with_a_password_for_once(store, trail, clock_at):
    clock_at()

    def start(_: int) -> str | None:
        with trail.change("system") as change:
            return users.first_admin(change)

    with ThreadPoolExecutor(4) as pool:
        given = [password for password in pool.map(start, range(4)) if password is not None]
    accounts = Accounts(store, trail, RING)
    _, _, tokens_ = log_in(accounts, "admin", given[0])

    assert len(given) == 1
    assert accounts.of_bearer(tokens_.access).must_change


def test_there_is_always_an_admin(accounts, trail):
    for attempt in (
        lambda change: users.disable(change, "ann"),
        lambda change: users.set_role(change, "ann", Role.VIEWER),
    ):
        with pytest.raises(UserError, match="ann is the last admin"), trail.change("user:ann") as change:
            attempt(change)
    with trail.change("user:ann") as change:
        users.set_role(change, "vic", Role.ADMIN)
        users.disable(change, "ann")
    assert refused(log_in, accounts, "ann") == "disabled"


def test_names_are_taken_once_and_are_sane(accounts, trail):
    for name, said in (("Ann", "there is a user ann already"), ("a b", "a user's name begins"), ("", "a user's name")):
        with pytest.raises(UserError, match=said), trail.change("user:ann") as change:
            users.add(change, name, Role.VIEWER)


def test_every_change_of_people_is_recorded_without_secrets(accounts, trail):
    with trail.change("user:ann") as change:
        given = users.reset_password(change, "vic")

    actions = [row.action for row in trail.rows()]
    assert actions == ["users.password_reset", "users.create", "users.create"]
    assert not any(given in row.detail or PASSWORD in row.detail for row in trail.rows())
    assert trail.verify().ok


class TestGuessing:
    """Whoever guesses waits, and longer each time; the person at another address does not."""

    def test_after_five_guesses_even_the_right_password_waits(self, accounts: Accounts, clock_at):
        for _ in range(5):
            refused(log_in, accounts, "ann", "guess")
        with pytest.raises(LockedOutError) as caught:
            log_in(accounts)
        clock_at(timedelta(seconds=caught.value.seconds + 1))

        assert caught.value.seconds == 60
        assert log_in(accounts)[0].name == "ann"

    def test_the_person_elsewhere_is_not_locked_out(self, accounts: Accounts):
        for _ in range(6):
            refused(log_in, accounts, "ann", "guess")

        assert log_in(accounts, address="198.51.100.7")[0].name == "ann"

    def test_each_further_guess_waits_longer_up_to_an_hour(self, accounts: Accounts, clock_at):
        waits, elapsed = [], timedelta(0)
        for _ in range(20):
            try:
                log_in(accounts, "ann", "guess")
            except LockedOutError as error:
                waits.append(error.seconds)
                elapsed += timedelta(seconds=error.seconds)
                clock_at(elapsed)
            except DeniedError:
                pass

        assert waits[:4] == [60, 120, 240, 480]
        assert max(waits) <= 3600

    def test_many_names_from_one_address_are_stopped(self, accounts: Accounts):
        for number in range(20):
            refused(log_in, accounts, f"user{number}", "guess")

        with pytest.raises(LockedOutError):
            log_in(accounts)

    def test_one_name_from_many_addresses_is_stopped(self, accounts: Accounts):
        for number in range(100):
            refused(log_in, accounts, "ann", "guess", address=f"192.0.2.{number}")

        with pytest.raises(LockedOutError):
            log_in(accounts, address="198.51.100.7")

    def test_nobody_locks_a_person_out_of_where_they_came_from_lately(self, accounts: Accounts, clock_at):
        log_in(accounts, address="198.51.100.7")
        clock_at(timedelta(days=29))
        for number in range(150):
            refused(log_in, accounts, "ann", "guess", address=f"192.0.2.{number}")

        with pytest.raises(LockedOutError):
            log_in(accounts, address="198.51.100.8")
        assert log_in(accounts, address="198.51.100.7")[0].name == "ann"
        for _ in range(5):
            refused(log_in, accounts, "ann", "guess", address="198.51.100.7")
        with pytest.raises(LockedOutError):  # guesses from there count as anywhere
            log_in(accounts, address="198.51.100.7")

    def test_a_network_of_one_customer_is_one_address(self, accounts: Accounts):
        for number in range(5):
            refused(log_in, accounts, "ann", "guess", address=f"2001:db8:1:2::{number:x}")

        with pytest.raises(LockedOutError):
            log_in(accounts, address="2001:db8:1:2:ffff::1")
        assert log_in(accounts, address="2001:db8:1:3::1")[0].name == "ann"

    def test_an_account_of_ones_own_gives_no_further_guesses(self, accounts: Accounts):
        for number in range(19):
            log_in(accounts, "vic")
            refused(log_in, accounts, f"user{number}", "guess")
        refused(log_in, accounts, "user19", "guess")

        with pytest.raises(LockedOutError):
            log_in(accounts, "vic")

    def test_guesses_at_once_all_count(self, accounts: Accounts):
        def guess(_: int) -> str:
            return refused(log_in, accounts, "ann", "guess")

        with ThreadPoolExecutor(4) as pool:
            reasons = list(pool.map(guess, range(12)))

        assert reasons.count("wrong password") == 5
        assert reasons.count("locked out") == 7

    def test_what_was_typed_as_a_name_is_kept_nowhere(self, accounts: Accounts, store):
        refused(log_in, accounts, "my secret password", "ann")

        from sqlalchemy import select

        from aimon.store.tables import login_failures

        with store.session() as connection:
            kept = connection.execute(select(login_failures.c.subject)).scalars().all()
        assert len(kept) == 3
        assert all(len(subject) == 64 and "secret" not in subject for subject in kept)


def test_hashes_of_earlier_costs_are_renewed_at_login(accounts, store, monkeypatch):
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    log_in(accounts)

    with store.session() as connection:
        assert not passwords.is_outdated(users.users.named(connection, "ann").password_hash)
        assert passwords.is_outdated(users.users.named(connection, "vic").password_hash)


def test_a_principal_may_what_its_rights_say():
    principal = Principal("key:x", frozenset({Right.READ}))

    assert principal.may(Right.READ)
    assert not principal.may(Right.SELF)
