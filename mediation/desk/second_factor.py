"""The second factor of our people: codes of a phone, and recovery codes for when it is lost.

django-otp keeps the devices, the last time step that was used and the pauses after wrong codes.
"""

import re
from base64 import b32encode
from binascii import unhexlify
from typing import Any

import segno
from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login, verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

CODES = 10  # recovery codes, each good for once
OFFER_LASTS = 900  # seconds from the page with the picture to the first code
PHONE = re.compile(r"\d{6}", re.ASCII)


class Code(forms.Form):
    """Six digits of the phone, or a recovery code; blanks and hyphens do not matter."""

    token = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )

    def clean_token(self) -> str:
        return re.sub(r"[\s-]", "", self.cleaned_data["token"]).lower()


def address() -> str:
    """Tell where the second factor is asked for."""
    return reverse("admin:second_factor")


def is_shown(request: HttpRequest) -> bool:
    """Say whether who is logged in has shown the second factor too."""
    user: Any = request.user  # with what the middleware of django-otp adds
    return user.is_verified()


@never_cache
@sensitive_post_parameters("token", "offer")
def page(request: HttpRequest) -> HttpResponse:
    """Ask for a code, set the second factor up, or tell how it stands: whichever comes next."""
    user: Any = request.user
    if not (user.is_active and user.is_staff):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if is_shown(request):
        return _shown(request, left=_codes_of(user).count())
    form = Code(request.POST or None)
    if TOTPDevice.objects.filter(user=user.pk, confirmed=True).exists():
        return _ask(request, form)
    return _set_up(request, form)


def leave(request: HttpRequest) -> HttpResponse:
    """Log out whoever has no code at hand; the admin's own log-out is behind the code."""
    logout(request)
    return redirect("admin:login")


@never_cache
def renew(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes in place of the old ones, and show them, once."""
    user: Any = request.user
    return _shown(request, codes=new_codes(user))


def check(user: AbstractBaseUser, token: str) -> Device | None:
    """Try a code on the devices of its kind; a wrong one makes the next try wait, longer each time.

    :returns: the device whose code it was; None: a wrong, used or early one
    """
    kind = TOTPDevice if PHONE.fullmatch(token) else StaticDevice
    devices = kind.objects.filter(user=user.pk, confirmed=True).order_by("pk")
    tried = (verify_token(user, device.persistent_id, token) for device in devices)
    return next(filter(None, tried), None)


@transaction.atomic
def set_up(user: AbstractBaseUser, key: str, token: str) -> TOTPDevice | None:
    """Keep a phone whose first code is right; who has one already cannot add another.

    :param key: the secret, in hexadecimal digits
    """
    get_user_model().objects.select_for_update().get(pk=user.pk)
    if TOTPDevice.objects.filter(user=user.pk, confirmed=True).exists():
        return None
    device = TOTPDevice.objects.create(user=user, name="phone", key=key)
    if device.verify_token(token):
        return device
    transaction.set_rollback(True)
    return None


@transaction.atomic
def new_codes(user: AbstractBaseUser) -> list[str]:
    """Make recovery codes; the old ones are worth nothing any more."""
    get_user_model().objects.select_for_update().get(pk=user.pk)
    StaticDevice.objects.filter(user=user.pk).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _number in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@transaction.atomic
def reset(user: AbstractBaseUser) -> None:
    """Forget the devices of somebody, who sets one up anew at the next log-in."""
    TOTPDevice.objects.filter(user=user.pk).delete()
    StaticDevice.objects.filter(user=user.pk).delete()


def secret(key: str) -> str:
    """Write a secret as authenticator apps want it typed."""
    return b32encode(unhexlify(key)).decode()


def _ask(request, form):
    if form.is_valid():
        device = check(request.user, form.cleaned_data["token"])
        if device is not None:
            return _let_in(request, device, _onward(request))
        form.add_error("token", text("This code is wrong, was used already, or came too fast."))
    return _form(request, form, text("Second factor"))


def _set_up(request, form):
    """Offer a secret, in the page and nowhere else; it is kept with the first code of it."""
    salt = f"second factor of {request.user.pk}"
    try:
        key = signing.loads(request.POST.get("offer", ""), salt=salt, max_age=OFFER_LASTS)
    except signing.BadSignature:
        key = default_key()
        form = Code()
    if form.is_valid():
        device = set_up(request.user, key, form.cleaned_data["token"])
        if device is not None:
            codes = new_codes(request.user)
            return _let_in(request, device, _shown(request, codes=codes))
        form.add_error("token", text("This code is not of this picture, or too old."))
    device = TOTPDevice(user=request.user, key=key)
    picture = segno.make(device.config_url, micro=False)
    return _form(
        request,
        form,
        text("Set up the second factor"),
        offer=signing.dumps(key, salt=salt),
        picture=picture.svg_data_uri(scale=5, border=3, light="#fff"),
        secret=" ".join(re.findall(".{1,4}", secret(key))),
    )


def _let_in(request, device, answer):
    login(request, device)
    request.session.cycle_key()
    return answer


def _onward(request):
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(asked if is_ours else "admin:index")


def _codes_of(user):
    return StaticToken.objects.filter(device__user=user.pk, device__confirmed=True)


def _form(request, form, title, **more):
    asked = request.POST.get("next") or request.GET.get("next", "")
    context = {**admin.site.each_context(request), "title": title, "form": form, "next": asked}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "desk/second_factor.html", context | more, status=status)


def _shown(request, **more):
    context = {**admin.site.each_context(request), "title": text("Second factor")}
    return TemplateResponse(request, "desk/second_factor_codes.html", context | more)
