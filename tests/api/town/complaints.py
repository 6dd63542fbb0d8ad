"""Errands about complaints and what follows from them."""

from functools import cached_property

from cases.models import Case, Penalty
from tests import complaint_world
from tests.api.town.errand import KEY, MINUTE, Errand
from tests.mediation.story import Story

WORDS = {"statement": "Four in a week."}


class Complaints:
    """Sam has complained of Bea twice: once she has not answered yet, once it was upheld."""

    @cached_property
    def filed(self):
        return complaint_world.complain(self._complained_in(), when=self.story(Story).now)

    @cached_property
    def upheld(self):
        case, now = self._complained_in(), self.story(Story).now
        return complaint_world.upheld(case, "evidence_first", when=now, ground="abuse")

    @cached_property
    def penalty(self):
        return Penalty.objects.get(complaint=self.upheld)

    def _complained_in(self):
        return Case.everywhere.get(pk=self.story(Story).id)

    def _of(self, complaint, role, **more):
        """Ask for something of a complaint, as it stands."""
        story = self.story(Story)
        headers = KEY | {"If-Match": f'"{complaint.version}"'}
        path = {"complaint_id": str(complaint.pk)}
        errand = Errand(self.caller(story, role), path, headers=headers, **more)
        errand.at = story.now + MINUTE
        return errand

    def list_complaints(self):
        assert self.filed
        return self._about_bea(query={"side": "accused"})

    def file_complaint(self):
        body = {"order": self.story(Story).order.ref, "ground": "counterfeit", **WORDS}
        return self._about_bea(headers=KEY, body=body)

    def get_complaint(self):
        return self._of(self.upheld, "buyer")

    def answer_complaint(self):
        return self._of(self.filed, "buyer", body=WORDS)

    def withdraw_complaint(self):
        return self._of(self.filed, "seller", body={})

    def appeal_complaint(self):
        return self._of(self.upheld, "buyer", body=WORDS)

    def list_restrictions(self):
        assert self.penalty
        return self._about_bea()

    def appeal_restriction(self):
        return self._about_bea(path={"penalty_id": str(self.penalty.pk)}, headers=KEY, body=WORDS)

    def get_scorecard(self):
        assert self.penalty
        errand = self._about_bea(path={"ref": self.story(Story).order.seller.ref})
        errand.caller = self.caller(self.story(Story), "seller")
        return errand

    def get_standing(self):
        return self._about_bea(path={"ref": self.story(Story).order.seller.ref})

    def _about_bea(self, **request):
        story = self.story(Story)
        return Errand(self.caller(story, "buyer"), at=story.now + MINUTE, **request)
