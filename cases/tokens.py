"""Who calls the API: short JWTs (RFC 7519) that each marketplace signs for its own people.

`iss` names the marketplace, `sub` the person, `role` is buyer, seller or service, `party` the
marketplace's own id of the buyer or shop that the person acts for. A token makes nobody known:
parties come with orders.

People and the marketplace's own systems (`service`) never pass for each other: each have an
audience of their own, and as soon as a marketplace wishes, keys of their own (`kid`).
"""

import re
from functools import cache
from typing import Any

import jwt
from django.db.models import OuterRef, Subquery
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from cases.actors import Actor
from cases.compiled import Blank, Compiled
from cases.models import Marketplace, Party, TokenKey
from cases.roles import PARTIES, Role

AUDIENCE = "mediation"
SERVICE_AUDIENCE = "mediation-service"
OWN_KEY = re.compile(r"key-[0-9a-f]{16}", re.ASCII)  # key ids that we give out
REQUIRED = ("exp", "iss", "sub", "aud")
LEEWAY = 10  # seconds that the clocks of two machines may differ
KEYS_TIMEOUT = 3  # seconds
SHORTEST_SECRET = 32  # bytes
NAME = re.compile(r"[!-~]{1,200}", re.ASCII)
PERSON = re.compile(r"[!-~]{1,100}", re.ASCII)  # a pseudonym: no spaces, so hardly a name
ROLES = (*PARTIES, Role.SERVICE)

PARTY = Party.everywhere.filter(marketplace=OuterRef("pk"), role=Blank("role"), ref=Blank("ref"))
ISSUERS = Compiled(
    Marketplace.objects.filter(issuer=Blank("issuer")).annotate(
        party_id=Subquery(PARTY.values("id"))
    )
)


class KeysUnavailable(APIException):
    """The marketplace's keys cannot be fetched now."""

    status_code = 503
    default_code = "KEYS_UNAVAILABLE"
    default_detail = "The keys of the marketplace cannot be reached; try again."


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Actor, dict[str, Any]] | None:
        """Make the actor of a request; None: it brings no token.

        :raises AuthenticationFailed: the token is not one of ours, or has expired
        """
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            marketplace, claims = read(token.strip().decode("ascii", "replace"))
        except jwt.ExpiredSignatureError:
            raise AuthenticationFailed("The token has expired.", "TOKEN_EXPIRED") from None
        except jwt.PyJWKClientConnectionError:
            raise KeysUnavailable from None
        except (jwt.PyJWTError, ValueError):
            raise AuthenticationFailed("The token is not valid.", "TOKEN_INVALID") from None
        return actor(marketplace, claims), claims

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- DRF's signature
        return 'Bearer realm="mediation"'


def read(token: str) -> tuple[Marketplace, dict[str, Any]]:
    """Verify a token with the key of the marketplace that it names.

    :returns: the marketplace and the claims; its `party_id` is that of the party they name
    :raises jwt.PyJWTError: it is not valid
    """
    told = jwt.decode(token, options={"verify_signature": False})
    issuer, role = told.get("iss"), told.get("role")
    is_name = isinstance(issuer, str) and NAME.fullmatch(issuer)
    marketplace = _issuer(issuer, role, told.get("party")) if is_name else None
    if marketplace is None:
        raise jwt.InvalidIssuerError("nobody of this name issues tokens")
    key, algorithms = key_of(marketplace, token, use_of(role))
    claims = jwt.decode(
        token,
        key,
        algorithms=algorithms,
        audience=audience(role),
        issuer=marketplace.issuer,
        leeway=LEEWAY,
        options={"require": list(REQUIRED)},
    )
    return marketplace, claims


def _issuer(issuer, role, ref):
    """Find who issues tokens under a name, and in the same statement the party that is named."""
    is_party = role in PARTIES and _is_person(ref)
    return ISSUERS.first(issuer=issuer, role=role if is_party else "", ref=ref if is_party else "")


def _is_person(ref):
    return isinstance(ref, str) and PERSON.fullmatch(ref) is not None


def audience(role: Any) -> str:
    """Name whom a token for a role is addressed to."""
    return SERVICE_AUDIENCE if role == Role.SERVICE else AUDIENCE


def use_of(role: Any) -> str:
    """Name the keys that sign tokens for a role."""
    return TokenKey.Use.SERVICE if role == Role.SERVICE else TokenKey.Use.PEOPLE


def key_of(marketplace: Marketplace, token: str, use: str) -> tuple[Any, list[str]]:
    """Give the key and the algorithms that go with it: never those that the token asks for.

    :param use: one of TokenKey.Use, as the token tells
    :raises jwt.InvalidKeyError: there is no key for this use
    """
    kid = jwt.get_unverified_header(token).get("kid", "")
    if OWN_KEY.fullmatch(kid):
        return _own_key(marketplace, kid, use), ["HS256"]
    if use == TokenKey.Use.SERVICE and marketplace.services_apart:
        raise jwt.InvalidKeyError("the marketplace's systems have keys of their own")
    if marketplace.jwks_url:
        return keys_at(marketplace.jwks_url).get_signing_key_from_jwt(token).key, ["RS256", "ES256"]
    if len(marketplace.secret.encode()) < SHORTEST_SECRET:
        raise jwt.InvalidKeyError("the marketplace has no key")
    return marketplace.secret, ["HS256"]


def _own_key(marketplace, kid, use):
    keys = TokenKey.objects.filter(marketplace=marketplace, kid=kid, use=use, revoked_at=None)
    secret = keys.values_list("secret", flat=True).first()
    if secret is None:
        raise jwt.InvalidKeyError("there is no such key")
    return secret


@cache
def keys_at(url: str) -> jwt.PyJWKClient:
    """Keep one client per address: it holds the keys for five minutes."""
    return jwt.PyJWKClient(url, timeout=KEYS_TIMEOUT)


def actor(marketplace: Marketplace, claims: dict[str, Any]) -> Actor:
    """Make the actor that verified claims speak of.

    :param marketplace: as `read` gives it
    :raises AuthenticationFailed: the role is unknown, a buyer or seller without a party, or a
        service that claims to act for one
    """
    role, person, ref = claims.get("role"), claims["sub"], claims.get("party")
    if role not in ROLES or not PERSON.fullmatch(person):
        raise AuthenticationFailed("The token's role or sub is not valid.", "TOKEN_INVALID")
    party_id = None
    if role in PARTIES:
        if not _is_person(ref):
            raise AuthenticationFailed("The token names no party.", "TOKEN_INVALID")
        party_id = marketplace.party_id  # type: ignore[attr-defined]
    elif ref is not None:
        raise AuthenticationFailed("A service is no person of a party.", "TOKEN_INVALID")
    return Actor(role=role, marketplace_id=marketplace.id, party_id=party_id, person=person)


def issue(
    marketplace: Marketplace,
    *,
    role: str,
    party: str = "",
    person: str,
    now: int,
    seconds: int,
    key: TokenKey | None = None,
) -> str:
    """Sign a token as the marketplace would: for development, demos and tests.

    :param now: seconds since 1970
    :param key: None: the marketplace's own secret
    """
    claims = {
        "iss": marketplace.issuer,
        "aud": audience(role),
        "sub": person,
        "role": role,
        "iat": now,
        "exp": now + seconds,
    }
    if party:
        claims["party"] = party
    if key is not None:
        return jwt.encode(claims, key.secret, algorithm="HS256", headers={"kid": key.kid})
    return jwt.encode(claims, marketplace.secret, algorithm="HS256")


def newest_key(marketplace: Marketplace, role: str) -> TokenKey | None:
    """Find the key that signs tokens for a role now; None: the marketplace's own secret."""
    keys = TokenKey.objects.filter(marketplace=marketplace, use=use_of(role), revoked_at=None)
    return keys.order_by("-id").first()


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
