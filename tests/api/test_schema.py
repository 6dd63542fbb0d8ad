"""The description of the API: complete, valid, without a warning, served without a foreign host."""

import re

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from cases import inputs, schemas
from tests.api import callers
from tests.api.callers import buyer, order, seller
from tests.api.schema import described


def test_the_description_is_made_without_a_warning(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(tmp_path / "schema.yml"))

    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.1.0")


def test_the_description_is_valid_openapi():
    OpenAPIV31SpecValidator(described()).validate()


def test_each_step_has_its_own_path_with_the_words_of_the_table():
    refuse = described()["paths"]["/api/v1/cases/{case_id}/steps/refuse"]["post"]

    assert refuse["description"] == (
        "The seller says no, with a reason code and the evidence that it demands.\n\nBy: seller."
    )
    body = refuse["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/RefuseRequest"}
    assert described()["components"]["schemas"]["RefuseRequest"]["additionalProperties"] is False


def test_every_operation_names_the_problems_that_it_may_answer_with():
    problems = described()["components"]["responses"]
    for path in described()["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            named = {status: answer for status, answer in answers.items() if status[0] != "2"}
            assert named == {s: {"$ref": f"#/components/responses/Problem{s}"} for s in named}
            assert not operation.get("security") or {"400", "401"} <= named.keys()
    assert {tuple(answer["content"]) for answer in problems.values()} == {
        ("application/problem+json",)
    }


def test_the_description_and_its_page_are_served_without_a_token_or_another_host():
    client = Client()

    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/").content.decode()

    assert "swagger-ui" in page
    hosts = re.findall(r"""(?:src|href)=["']?(https?:)?//""", page)
    assert hosts == []


@pytest.mark.parametrize("step", inputs.FOR)
def test_the_schema_of_every_step_is_a_schema(step):
    jsonschema.Draft202012Validator.check_schema(schemas.of_step(step))


@pytest.mark.django_db
def test_an_action_carries_the_schema_of_what_it_takes():
    bought = order()
    case, sam = callers.opened(bought), seller(bought)
    [refuse] = [a for a in sam.case(case["id"])["actions"] if a["name"] == "refuse"]
    good = {"reason": "outside_window", "statement": "Too late."}

    jsonschema.validate(good, refuse["input_schema"])
    for bad in ({}, {**good, "more": 1}, {**good, "reason": "boredom"}, {**good, "statement": ""}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, refuse["input_schema"])
        assert sam.step(case, "refuse", dry_run=True, **bad).status_code == 400
    assert sam.post(refuse["href"].removeprefix("/api/v1/"), good, if_match=1).status_code == 200


@pytest.mark.django_db
def test_an_application_fits_the_schema_of_opening():
    bought = order()

    jsonschema.validate(callers.application(bought), schemas.of_step("open"))


@pytest.mark.django_db
def test_the_process_is_published_with_both_machines_and_the_policy():
    process = buyer(order()).get("process").json()

    steps = {step["name"]: step for step in process["machines"]["case"]["steps"]}
    assert steps["refuse"]["edges"] == [{"from": "awaiting_seller", "to": "refused"}]
    assert steps["refuse"]["by"] == ["seller"]
    assert steps["take_over"]["input_schema"] is None
    assert "in_review" in process["machines"]["dispute"]["states"]
    assert process["policy"]["name"] == "default"
    clocks = {clock["name"]: clock for clock in process["clocks"]}
    assert clocks["seller_response"]["on_expiry"] == ["escalate", "approve"]
