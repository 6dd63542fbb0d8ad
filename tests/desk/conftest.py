import pytest
from django.utils.translation import override


@pytest.fixture(autouse=True)
def _fast_log_ins(settings):
    """Nobody attacks these passwords."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _in_english():
    """Whatever language a request of the test before was answered in."""
    with override("en"):
        yield
