"""The second factor: nothing of the desk without it, each code once, a lost phone is no end."""

import io
import json
import re
import time
from html import unescape

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from mediation.desk import second_factor
from mediation.desk.people import demo_key, demo_password
from mediation.management.commands.demo_code import code
from mediation.steps import database_clock
from tests.desk.staff import disputes, hire

pytestmark = pytest.mark.django_db

ASKED = reverse("admin:second_factor")
DOCKET = reverse("admin:cases_docket_changelist")
WAIT = "This code is wrong, was used already, or came too fast."


@pytest.fixture
def mia(client):
    """Mia, who has given her password and nothing else."""
    found = hire("mia")
    client.login(username="mia", password="secret")
    return found


def phone_of(someone):
    return TOTPDevice.objects.get(user=someone.user)


def shown(answer):
    """What a page to set the phone up shows: the typed secret, and what the form sends back."""
    page = unescape(answer.content.decode())
    typed = re.search(r'class="secret number">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    return typed, re.search(r'name="offer" value="([^"]+)"', page)[1]


def first_code(key):
    return f"{TOTP(bytes.fromhex(key)).token():06d}"


def is_in(client):
    return client.get(DOCKET).status_code == 200


def test_the_password_alone_opens_nothing(client, mia):
    answer = client.get(DOCKET, follow=True)

    assert [url.split("?")[0] for url, _status in answer.redirect_chain] == [
        reverse("admin:login"),
        ASKED,
    ]
    assert client.post(reverse("admin:claim_next")).status_code == 302


def test_who_is_not_logged_in_is_asked_for_the_password_first(client):
    answer = client.get(ASKED)

    assert answer.url.split("?")[0] == reverse("admin:login")


def test_a_log_in_without_a_role_at_the_desk_has_no_second_factor_to_show(
    client, django_user_model
):
    client.force_login(django_user_model.objects.create_user("buyer"))

    assert client.get(ASKED).url.split("?")[0] == reverse("admin:login")


def test_a_code_of_the_phone_lets_in_and_leads_on(client, mia):
    before = client.session.session_key

    answer = client.post(ASKED, {"token": code(phone_of(mia)), "next": DOCKET})

    assert answer.url == DOCKET
    assert is_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", ""])
def test_it_leads_to_nowhere_else(onward, client, mia):
    answer = client.post(ASKED, {"token": code(phone_of(mia)), "next": onward})

    assert answer.url == reverse("admin:index")


@pytest.mark.parametrize("typed", ["000000", "\uff11" * 6, "abcdefgh", "'; --", " "])
def test_a_wrong_code_lets_nobody_in(typed, client, mia):
    phone = phone_of(mia)
    typed = f"{(int(code(phone)) + 1) % 1_000_000:06d}" if typed == "000000" else typed

    answer = client.post(ASKED, {"token": typed})

    assert answer.status_code == 422
    assert not is_in(client)


def test_after_a_wrong_code_the_right_one_has_to_wait(client, mia):
    right = code(phone_of(mia))
    client.post(ASKED, {"token": f"{(int(right) + 1) % 1_000_000:06d}"})

    answer = client.post(ASKED, {"token": right})

    assert answer.context["form"].errors["token"] == [WAIT]
    assert not is_in(client)


def test_a_code_is_good_for_once(client, mia):
    used = code(phone_of(mia))
    client.post(ASKED, {"token": used})
    client.logout()
    client.login(username="mia", password="secret")

    answer = client.post(ASKED, {"token": used})

    assert answer.status_code == 422
    assert not is_in(client)


def test_the_code_of_somebody_else_is_worth_nothing(client, mia):
    answer = client.post(ASKED, {"token": code(phone_of(hire("max")))})

    assert answer.status_code == 422


def test_a_recovery_code_lets_in_once(client, mia):
    [first, *_rest] = second_factor.new_codes(mia.user)

    assert client.post(ASKED, {"token": f"{first[:4]}-{first[4:].upper()}"}).status_code == 302
    assert is_in(client)
    client.logout()
    client.login(username="mia", password="secret")

    assert client.post(ASKED, {"token": first}).status_code == 422
    assert StaticToken.objects.count() == second_factor.CODES - 1


def test_new_recovery_codes_void_the_old_ones(client, mia):
    old = second_factor.new_codes(mia.user)
    assert client.post(reverse("admin:recovery_codes")).status_code == 302  # the password alone
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(old)
    client.force_login(mia.user)

    answer = client.post(reverse("admin:recovery_codes"))

    now = set(StaticToken.objects.values_list("token", flat=True))
    assert set(answer.context["codes"]) == now
    assert now & set(old) == set()
    assert client.get(ASKED).context["left"] == second_factor.CODES
    assert client.get(reverse("admin:recovery_codes")).status_code == 405


def test_who_has_no_phone_yet_sets_one_up_and_is_in(client, mia):
    TOTPDevice.objects.all().delete()
    offer = client.get(ASKED)
    assert offer.context["picture"].startswith("data:image/svg+xml;")
    assert TOTPDevice.objects.count() == 0  # a look at the page changes nothing
    typed, signed = shown(offer)
    phone = TOTPDevice(user=mia.user, key=offer_key(typed))

    answer = client.post(ASKED, {"token": code(phone), "offer": signed})

    assert len(answer.context["codes"]) == second_factor.CODES
    assert phone_of(mia).key == phone.key
    assert is_in(client)


def offer_key(typed):
    from base64 import b32decode  # noqa: PLC0415

    return b32decode(typed).hex()


def test_a_phone_is_not_set_up_with_a_wrong_code_nor_with_a_secret_of_ones_own(client, mia):
    TOTPDevice.objects.all().delete()
    typed, signed = shown(client.get(ASKED))
    right = first_code(offer_key(typed))
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    answers = [
        client.post(ASKED, {"token": wrong, "offer": signed}),
        client.post(ASKED, {"token": right, "offer": "of-ones-own"}),
        client.post(ASKED, {"token": right}),
    ]

    assert [answer.status_code for answer in answers] == [422, 200, 200]
    assert shown(answers[0])[0] == typed  # the picture that was read stays good
    assert TOTPDevice.objects.count() == 0
    assert not is_in(client)


def test_nobody_adds_a_phone_to_one_that_is_there(client, mia):
    typed_key = "ab" * 20

    assert second_factor.set_up(mia.user, typed_key, first_code(typed_key)) is None
    assert TOTPDevice.objects.count() == 1


def test_whoever_has_no_code_at_hand_may_leave(client, mia):
    assert client.post(reverse("admin:leave")).url == reverse("admin:login")
    assert "_auth_user_id" not in client.session


def test_a_superuser_resets_a_lost_phone_and_its_person_is_out_at_once(
    client, mia, django_user_model
):
    second_factor.new_codes(mia.user)
    client.force_login(mia.user)
    root = client.__class__()
    root.force_login(django_user_model.objects.create_superuser("root"))
    phone = phone_of(mia)
    assert is_in(client)

    for page in ("changelist", "change"):
        args = [phone.pk] if page == "change" else []
        listed = root.get(reverse(f"admin:mediation_secondfactor_{page}", args=args))
        assert listed.status_code == 200
        assert phone.key not in listed.content.decode()
    address = reverse("admin:mediation_secondfactor_delete", args=[phone.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert root.post(address, {"post": "yes"}).status_code == 302

    assert not TOTPDevice.objects.filter(user=mia.user).exists()
    assert not StaticToken.objects.exists()
    assert not is_in(client)
    assert "offer" in client.get(ASKED).context


def test_the_acts_ask_for_it_themselves_and_not_only_the_site(client, mia, monkeypatch):
    """A page that somebody forgets to wrap is closed all the same."""
    disputes(1, now=database_clock())
    monkeypatch.setattr("mediation.desk.site.DeskSite.has_permission", lambda *_args: True)

    assert client.get(DOCKET).status_code == 403
    assert client.post(reverse("admin:claim_next")).status_code == 403


@pytest.mark.parametrize(("language", "says"), [("en", "Second factor"), ("zh-hans", "二次验证")])
def test_it_is_asked_for_in_the_language_of_the_browser(language, says, client, mia):
    page = client.get(ASKED, headers={"accept-language": language}).content.decode()

    assert says in page


def test_the_demo_tells_its_codes():
    call_command("demo", stdout=(said := io.StringIO()))
    call_command("demo_code", "mia", stdout=(told := io.StringIO()))
    call_command("demo_code", stdout=(for_scripts := io.StringIO()))

    phone = TOTPDevice.objects.get(user__username="mia")
    assert phone.key == demo_key()
    assert phone.verify_token(told.getvalue().strip())
    secret = second_factor.secret(phone.key)
    assert json.loads(for_scripts.getvalue()) == {
        "password": demo_password(),
        "second_factor": secret,
    }
    assert secret in said.getvalue()


def test_a_code_that_was_used_is_not_told_again(monkeypatch):
    mia = hire("mia")
    first = code(phone_of(mia))
    assert phone_of(mia).verify_token(first)

    second = code(phone_of(mia))

    assert second != first
    assert phone_of(mia).verify_token(second)
    naps = []
    phone = phone_of(mia)

    def nap(seconds):
        naps.append(seconds)
        phone.last_t = -1

    monkeypatch.setattr(time, "sleep", nap)
    code(phone)
    assert naps == [1]


def test_without_the_demo_there_is_no_code_to_tell():
    with pytest.raises(CommandError):
        call_command("demo_code", "mia")


def test_a_phone_that_goes_wrong_is_not_followed():
    assert settings.OTP_TOTP_SYNC is False
