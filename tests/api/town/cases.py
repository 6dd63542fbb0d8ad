"""Errands about cases, their messages and their files."""

from functools import cached_property
from urllib.parse import parse_qs, urlsplit

from tests.api import test_actions as places
from tests.api.callers import application
from tests.api.town.errand import KEY, MINUTE, Errand
from tests.files import samples
from tests.files.sending import brought
from tests.mediation.story import Story
from tests.world import day


class Cases:
    """Cases stand in all places that tests/api/test_actions.py knows."""

    def list_cases(self):
        query = {"waiting_on": "seller", "due_before": day(9).isoformat(), "limit": 2}
        return Errand(self.caller(self.story(Story), "buyer"), query=query)

    def list_applications(self):
        return Errand(self.caller(self.story(places.refused), "seller"))

    def open_case(self):
        wanted = application(self.bought, reason="quality", evidence=[{"slot": "photo_goods"}])
        return Errand(self.bea, headers=KEY, body=wanted)

    def forecast_step(self):
        errand = self.look(Story, "buyer")
        errand.body = {"step": "withdraw", "inputs": {}}
        return errand

    def export_case(self):
        assert self.links
        return self.look(Story, "buyer")

    def list_messages(self):
        assert self.links
        return self.look(Story, "seller")

    def send_message(self):
        errand = self.look(Story, "seller")
        errand.headers, errand.body = KEY, {"text": "Well?", "audience": "all"}
        return errand

    def upload_file(self):
        return Errand(self.bea, headers=KEY, body={"file": samples.jpeg()})

    @cached_property
    def links(self):
        """Have Bea write with a photo, and give the links to it."""
        story = self.story(Story)
        self.stand_at(story.now + MINUTE)
        bea = self.caller(story, "buyer")
        sent = bea.post(f"cases/{story.id}/messages", {"files": [brought(bea)]})
        assert sent.status_code == 201, sent.content
        [written] = bea.get(f"cases/{story.id}/messages").json()["results"]
        return written["files"][0]

    def read_file(self):
        link = urlsplit(self.links["links"]["content"])
        *_, file_id, form = link.path.split("/")
        query = {name: value for name, [value] in parse_qs(link.query).items()}
        return Errand(path={"file_id": file_id, "form": form}, query=query)
