"""No code goes without words, and no words of the desk without Chinese ones."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from cases import parcels, refusals
from cases.actions import STEPS
from cases.clocks import CLOCKS
from cases.dispute import DisputeState
from cases.lifecycle import State
from cases.refusals import Refused
from cases.roles import STAFF, Role
from mediation.desk import sentences, showing, words
from mediation.desk.forms import FORMS
from notifications.models import Letter
from tests.desk.staff import hire

CATALOGUE = settings.BASE_DIR / "mediation" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django"
ALONG = {"open_dispute", "settle", "withdraw_dispute", "enforce"}  # never an event of their own
BLOCK = re.compile(r"{% blocktranslate trimmed(.*?)%}(.*?){% endblocktranslate %}", re.DOTALL)
PLAIN = re.compile(r'{% translate "([^"]+)"(?: context "([^"]+)")? %}')


def chinese():
    with CATALOGUE.with_suffix(".po").open("rb") as file:
        return read_po(file)


def test_every_step_is_told_in_a_sentence_whoever_takes_it():
    silent = [
        f"{step.name} by {role}"
        for step in STEPS.values()
        for role in step.rule.by
        if step.name not in ALONG
        and not sentences.SENTENCES.keys() & {step.name, f"{step.name} by {role}"}
    ]
    assert silent == []


def test_every_state_role_clock_and_parcel_has_words():
    assert set(words.STATES) == set(State.values)
    assert set(words.DISPUTE_STATES) == set(DisputeState.values)
    assert set(words.CLOCKS) == set(CLOCKS)
    assert set(words.ROLES) >= set(Role.values) - {"case", "dispute"}
    assert set(words.PARCELS) >= set(parcels.OWED.values())
    assert set(words.STANDINGS) >= set(Letter.Outcome.values)


def test_every_step_of_staff_that_a_person_takes_has_a_form():
    assert set(FORMS) == {name for name, step in STEPS.items() if set(step.rule.by) & set(STAFF)}


def asked_in_code():
    for path in [
        *Path(settings.BASE_DIR, "mediation", "desk").glob("*.py"),
        Path(settings.BASE_DIR, "mediation", "models.py"),
        Path(settings.BASE_DIR, "config", "appearance.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in {"_", "text"}:
                yield node.args[0].value, None
            elif node.func.id == "ngettext":
                yield (node.args[0].value, node.args[1].value), None


def asked_in_pages():
    for path in Path(settings.BASE_DIR, "mediation", "templates").rglob("*.html"):
        page = path.read_text()
        for message, context in PLAIN.findall(page):
            yield message, context or None
        for _names, body in BLOCK.findall(page):
            message = re.sub(r"{{ (\w+) }}", r"%(\1)s", body.strip())
            forms = tuple(message.split("{% plural %}"))
            yield (forms if len(forms) > 1 else message), None


def test_everything_the_desk_says_is_there_in_chinese():
    catalogue = chinese()
    missing = []
    for message, context in [*asked_in_code(), *asked_in_pages()]:
        entry = catalogue.get(message, context)
        said = "".join(entry.string) if entry is not None and entry.string else ""
        if not said:
            missing.append(message)
    assert missing == []


def test_translations_keep_what_is_filled_in():
    holes = re.compile(r"%\(\w+\)[sd]|%[sd]")
    for entry in chinese():
        if entry.id:
            first = entry.id[0] if isinstance(entry.id, tuple) else entry.id
            said = "".join(entry.string) if isinstance(entry.string, tuple) else entry.string
            assert sorted(holes.findall(first)) == sorted(holes.findall(said))


def test_what_is_compiled_is_what_is_written():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)

    assert entries(compiled) == entries(chinese())


def entries(catalogue):
    """All entries in one form: read from one file or the other, types differ."""
    return sorted(
        (*_all(message.id), _one(message.context), *_all(message.string))
        for message in catalogue
        if message.id
    )


def _all(words):
    return (words,) if isinstance(words, str) else tuple(words)


def _one(context):
    return context.decode() if isinstance(context, bytes) else context or ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_refusal_is_told_in_the_language_of_who_asked(language):
    def codes(of):
        return {of.code} | {code for below in of.__subclasses__() for code in codes(below)}

    with override(language):
        told = {
            code: words.refusal(_refused(code, "Words that nobody translated."))
            for code in codes(Refused)
        }

    if language == "en":
        assert set(told.values()) == {"Words that nobody translated."}
    else:
        of_staff = {code: said for code, said in told.items() if code in words.REFUSED}
        assert all(re.search(r"[\u4e00-\u9fff]", said) for said in of_staff.values())
        assert set(words.REFUSED) <= set(told)


def _refused(code, message):
    refused = refusals.Refused(message)
    refused.code = code
    return refused


def test_lengths_of_time_are_written_by_their_two_largest_parts():
    from datetime import timedelta  # noqa: PLC0415

    lengths = [
        timedelta(days=3, hours=4, minutes=5),
        timedelta(hours=4, minutes=12),
        timedelta(minutes=12, seconds=5),
        timedelta(seconds=45),
        timedelta(hours=-2),
    ]
    assert [showing.span(length) for length in lengths] == [
        "3 d 4 h",
        "4 h 12 min",
        "12 min",
        "45 s",
        "2 h 0 min",
    ]
    with override("zh-hans"):
        assert [showing.span(length) for length in lengths[:3]] == [
            "3天4小时",
            "4小时12分",
            "12分钟",
        ]


@pytest.mark.django_db
def test_the_language_follows_the_browser_and_the_switch(client):
    client.force_login(hire("mia").user)
    address = reverse("admin:cases_docket_changelist")

    assert "待审队列" in client.get(address, headers={"accept-language": "zh-CN"}).content.decode()
    client.post(reverse("set_language"), {"language": "zh-hans", "next": address})
    assert "待审队列" in client.get(address).content.decode()
