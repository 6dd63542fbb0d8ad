"""Stories told until something is on its way."""

from tests.mediation.story import Story


def returning(**order):
    """Tell a story until the goods are on their way back."""
    story = Story(**order)
    story.seller("approve")
    story.buyer("ship_return")
    return story


def inspecting(**order):
    story = returning(**order)
    story.carrier("return_delivered")
    return story


def owed(remedy="reship", reason="damaged", **order):
    """Tell a story until the seller owes a parcel."""
    story = Story(remedy=remedy, reason=reason, **order)
    story.seller("approve")
    return story


def refunding(remedy="refund_only", **order):
    story = Story(remedy=remedy, **order)
    story.seller("approve")
    return story
