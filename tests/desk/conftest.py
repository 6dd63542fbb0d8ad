import pytest


@pytest.fixture(autouse=True)
def _fast_log_ins(settings):
    """Nobody attacks these passwords."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
