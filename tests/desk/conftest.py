import pytest
from django.test import Client
from django.utils.translation import override

from tests.desk.staff import let_in

password_alone = Client.force_login


@pytest.fixture(autouse=True)
def _fast_log_ins(settings):
    """Nobody attacks these passwords."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _in_english():
    """Whatever language a request of the test before was answered in."""
    with override("en"):
        yield


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch):
    """Whoever is logged in has shown the second factor; `client.login` is the password alone."""

    def force_login(client, user, backend=None):
        password_alone(client, user, backend)
        let_in(client, user)

    monkeypatch.setattr(Client, "force_login", force_login)
