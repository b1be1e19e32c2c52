"""An OpenID Connect provider by which people log in, and which of its groups are which role here."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from aimon.spec.channels import Secret
from aimon.spec.declared import Declared, Flag
from aimon.spec.several import Some
from aimon.spec.wording import quoted

_WEB = re.compile(r"https://[^/@?#\s]+(/[^?#\s]*)?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^?#\s]*)?")

Claim = Annotated[str, Field(min_length=1, max_length=200)]
Groups = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Some]
CALLBACK = "/api/v1/auth/oidc/callback"


def check_encrypted(url: str) -> str:
    """Let only encrypted addresses through, and those of this machine."""
    if _WEB.fullmatch(url) is None:
        raise ValueError(f"{quoted(url)} is not an address that is encrypted; write https://host/path")
    return url


def check_callback(url: str) -> str:
    """Let only the address through at which this service takes people back."""
    if not check_encrypted(url).endswith(CALLBACK):
        raise ValueError(f"people come back at {CALLBACK}; write https://this-service{CALLBACK}")
    return url


class OidcSpec(Declared):
    """Who says who people are. Whoever has none of the roles' groups is not let in."""

    issuer: Annotated[str, AfterValidator(check_encrypted)] = Field(
        description="which provider says who people are, by the address of its issuer"
    )
    client_id: str = Field(min_length=1, description="under which name the provider knows this service")
    client_secret: Secret | None = Field(
        default=None, description="which variable holds the secret that the provider gave out; none for a public client"
    )
    redirect_url: Annotated[str, AfterValidator(check_callback)] = Field(
        description="where people come back from the provider, as they reach this service"
    )
    scopes: Annotated[tuple[str, ...], Some] = Field(
        default=("openid", "profile", "email"), description="what the provider is asked for, as a list"
    )
    name_claim: Claim = Field(default="preferred_username", description="which claim is the person's name here")
    role_claim: Claim = Field(default="groups", description="which claim lists a person's groups; a dot goes deeper")
    roles: dict[Literal["admin", "auditor", "viewer"], Groups] = Field(
        min_length=1, description="which groups are which role"
    )
    allow_private: Flag = Field(
        default=False, description="whether the provider's address may be private or on this machine"
    )
