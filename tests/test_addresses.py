import pytest
from environs import ValidationError

from config import addresses


def test_a_database_is_named_by_one_url():
    found = addresses.database("postgresql://bea:s%40m@db.example:5433/cases?sslmode=require")

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "cases",
        "USER": "bea",
        "PASSWORD": "s@m",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "url", ["", "mysql://db/cases", "postgresql://db", "postgresql://db/x?y=1", "cases"]
)
def test_what_is_no_database_url_is_refused(url):
    with pytest.raises(ValidationError):
        addresses.database(url)


@pytest.mark.parametrize(
    ("url", "for_celery"),
    [
        ("redis://:pw@host:6380/3", "redis://:pw@host:6380/3"),
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_celery_calls_a_unix_socket_by_another_name(url, for_celery):
    assert addresses.broker(addresses.redis(url)) == for_celery


@pytest.mark.parametrize("url", ["", "host:6379", "amqp://host", "unix://", "redis://"])
def test_what_is_no_redis_url_is_refused(url):
    with pytest.raises(ValidationError):
        addresses.redis(url)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("unix:///run/v.sock?db=0", "unix:///run/v.sock?db=2"),
        ("redis://host:6379/0", "redis://host:6379/2"),
    ],
)
def test_each_test_worker_has_its_own_number_in_redis(url, other):
    assert addresses.numbered(url, 2) == other


def test_mail_goes_out_by_smtp():
    assert addresses.mail("smtp://bea:pw@mail.example/?tls=true") == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "bea",
        "EMAIL_HOST_PASSWORD": "pw",
        "EMAIL_USE_SSL": False,
        "EMAIL_USE_TLS": True,
        "EMAIL_TIMEOUT": 20,
    }


@pytest.mark.parametrize("url", ["", "mail.example", "smtp://", "ftp://mail.example"])
def test_what_is_no_mail_url_is_refused(url):
    with pytest.raises(ValidationError):
        addresses.mail(url)
