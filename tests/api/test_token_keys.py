"""People and a marketplace's own systems: never one in place of the other; keys come and go."""

import json
from io import StringIO

import jwt
import pytest
from django.core.management import CommandError, call_command

from cases.models import TokenKey
from tests import world
from tests.api import callers
from tests.api.callers import Caller
from tests.api.problems import problem
from tests.api.test_bad_tokens import ask, claims

pytestmark = pytest.mark.django_db

INVALID = (401, "TOKEN_INVALID")


def command(*arguments, **options):
    printed = StringIO()
    call_command("token_key", *arguments, stdout=printed, **options)
    return printed.getvalue().strip()


def made(market, use="service"):
    found = json.loads(command(market.slug, use=use))
    market.refresh_from_db()
    return TokenKey.objects.get(kid=found["kid"], secret=found["secret"])


def service_claims(market, **more):
    found = claims(market, aud="mediation-service", role="service", **more)
    return {name: value for name, value in found.items() if value is not None}


def signed(told, key):
    return jwt.encode(told, key.secret, algorithm="HS256", headers={"kid": key.kid})


def codes(*tokens):
    answers = [ask(token) for token in tokens]
    return [200 if answer.status_code == 200 else problem(answer) for answer in answers]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"role": "service", "aud": "mediation-service", "party": None}, 200),
        ({"role": "service", "aud": "mediation", "party": None}, INVALID),
        ({"role": "service", "aud": "mediation-service", "party": "b-1"}, INVALID),
        ({"role": "buyer", "aud": "mediation-service"}, INVALID),
        ({"role": "seller", "aud": "mediation-service"}, INVALID),
        ({"role": ["service"], "aud": "mediation-service", "party": None}, INVALID),
        ({"role": "buyer", "aud": ["mediation", "shop"]}, 200),
    ],
)
def test_a_token_is_for_people_or_for_systems(told, code):
    market = world.marketplace()
    told = {name: value for name, value in claims(market, **told).items() if value is not None}

    assert codes(jwt.encode(told, market.secret, algorithm="HS256")) == [code]


def test_a_key_of_one_use_signs_nothing_of_the_other():
    market = world.marketplace()
    systems, people = made(market), made(market, "people")
    service, buyer = service_claims(market, party=None), claims(market)

    assert codes(signed(service, systems), signed(buyer, people)) == [200, 200]
    assert codes(signed(service, people), signed(buyer, systems)) == [INVALID, INVALID]


def test_from_its_first_key_for_systems_on_no_other_key_of_a_marketplace_makes_them():
    market = world.marketplace()
    token = jwt.encode(service_claims(market, party=None), market.secret, algorithm="HS256")
    person = jwt.encode(claims(market), market.secret, algorithm="HS256")
    assert codes(token, person) == [200, 200]

    made(market)

    assert codes(token, person) == [INVALID, 200]


def test_a_key_that_is_revoked_ends_its_tokens_and_no_others():
    market = world.marketplace()
    old, new = made(market), made(market)
    told = service_claims(market, party=None)
    tokens = signed(told, old), signed(told, new)
    assert codes(*tokens) == [200, 200]

    line = command("bazaar", revoke=old.kid)

    assert line.startswith(f"{old.kid}  service  made ")
    assert codes(*tokens) == [INVALID, 200]
    assert [each.split()[-1] == "holds" for each in command("bazaar", list=True).splitlines()] == [
        *(False, True)
    ]
    assert command("bazaar", revoke=old.kid) == line  # once more is no other moment


def test_a_key_is_good_for_its_own_marketplace_only():
    market, other = world.marketplace("bazaar"), world.marketplace("souk")
    key = made(market)

    assert codes(signed(service_claims(other, party=None), key)) == [INVALID]


@pytest.mark.parametrize("kid", ["key-" + "0" * 16, "key-\x00", "key-", 7, None])
def test_a_key_id_that_nobody_has(kid):
    market = world.marketplace()
    told = service_claims(market, party=None)
    token = (
        jwt.api_jws.PyJWS().encode(
            json.dumps(told).encode(), "t" * 32, algorithm="HS256", headers={"kid": kid}
        )
        if isinstance(kid, str)
        else _with_header(told, kid)
    )

    assert codes(token) == [INVALID]


def _with_header(told, kid):
    """Write a header that the library would not."""
    head, *rest = jwt.encode(told, "t" * 32, algorithm="HS256").split(".")
    head = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "kid": kid}).encode()).decode()
    return ".".join([head, *rest])


def test_development_tokens_follow_the_keys():
    bought = callers.order(world.marketplace("bazaar"))
    made(bought.marketplace)
    made(bought.marketplace, "people")
    printed = StringIO()

    for role in ("service", "buyer"):
        call_command("issue_token", role=role, marketplace="bazaar", stdout=printed)

    tokens = printed.getvalue().split()
    assert codes(*tokens) == [200, 200]
    kids = [jwt.get_unverified_header(token)["kid"] for token in tokens]
    assert [TokenKey.objects.get(kid=kid).use for kid in kids] == ["service", "people"]


def test_a_person_takes_no_step_of_the_systems_and_systems_none_of_a_person(nothing_changes):
    bought = callers.order()
    case = callers.opened(bought)
    shop = Caller(bought.marketplace, "service")
    nothing_changes()

    assert problem(shop.step(case, "withdraw")) == (403, "NOT_YOUR_STEP")
    assert problem(shop.step(case, "approve")) == (403, "NOT_YOUR_STEP")
    assert problem(callers.buyer(bought).step(case, "order_cancelled")) == (403, "NOT_YOUR_STEP")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (["souk"], {}, "There is no marketplace souk."),
        (["bazaar"], {"revoke": "key-1"}, "bazaar has no key key-1."),
    ],
)
def test_a_command_that_means_nothing(arguments, options, message):
    world.marketplace("bazaar")

    with pytest.raises(CommandError, match=message):
        command(*arguments, **options)
