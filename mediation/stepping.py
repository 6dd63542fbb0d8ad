"""One step of one case, in memory: what `steps` does for each of n cases."""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from cases import actions, wording
from cases.actors import Actor
from cases.ids import new_id
from cases.models import (
    Case,
    Clock,
    Dispute,
    Docket,
    Evidence,
    Ruling,
    RulingToken,
    Statement,
)
from cases.refusals import Refused
from cases.roles import JUDGES, Role
from cases.table import Step
from mediation import branching, timekeeping, timeline
from mediation.changes import Changes
from mediation.files import attaching

LEASE = timedelta(minutes=30)  # of a mediator who does nothing
MOST_TOKENS = 100  # by which a ruling is found again


class Taken(NamedTuple):
    """What a step has led to. `event` is the row of the timeline."""

    case: Case
    event: Any


def note(case: Case, name: str, by: Actor, changes: Changes, **told: Any) -> Taken:
    """Note what is no step: it moves nothing, and does not change the case's `version`."""
    case.facts.begin(by)
    case.facts.tell(**told)
    return Taken(case, timeline.record(case, name, changes, before=case.state))


def pause(case: Case, pause_id: UUID, by: Actor, changes: Changes) -> Taken:
    """Let all clocks of a case stand still. Everybody may act as before."""
    case.paused_by = pause_id
    timekeeping.pause(case.facts)
    case.version += 1
    return note(case, "pause", by, changes, pause=pause_id)


def tell_of_pause(case: Case, changes: Changes) -> None:
    """Note of a case that has just been opened that its clocks stand still, if they do."""
    if case.paused_by is not None:
        by = Actor(role="ops", marketplace_id=case.marketplace_id)
        note(case, "pause", by, changes, pause=case.paused_by)


def resume(case: Case, by: Actor, changes: Changes) -> Taken:
    """Let the clocks of a case go on with the time that was left."""
    case.facts.begin(by)
    lifted, case.paused_by = case.paused_by, None
    timekeeping.go_on(case.facts)
    case.version += 1
    case.facts.tell(pause=lifted)
    return Taken(case, timeline.record(case, "resume", changes, before=case.state))


def take(
    case: Case,
    step: str,
    by: Actor,
    changes: Changes,
    inputs: dict[str, Any],
    *,
    lease: UUID | None = None,
) -> Taken:
    """Take one step that somebody asks for.

    :param inputs: validated; `statement` is typed words, `evidence` a list of what is handed in
    :raises Refused: it may not be taken; nothing has changed
    """
    facts = case.facts
    inputs = dict(inputs)
    evidence = [] if by.role in JUDGES else inputs.pop("evidence", [])  # they only rely on it
    words = inputs.pop("statement", None)
    given = [item["slot"] for item in evidence] + (["statement"] if words else [])
    facts.begin(by, lease=lease, given=given)
    if (refusal := actions.why_not(case, actions.STEPS[step])) is not None:
        raise refusal
    attaching.check(case, by, evidence)
    written = None if words is None else new_id(facts.at)
    if written is not None:
        inputs["statement"] = written
    taken = move(case, actions.STEPS[step], changes, inputs, evidence=evidence)
    if facts.branch is not None:
        case.split_into = _open_branch(case, changes, given)  # type: ignore[attr-defined]
    _keep_words(case, changes, written, words, taken.event)
    if step == "rule":
        _keep_tokens(case, changes, words)
    _keep_evidence(case, changes, evidence, taken.event)
    return taken


def _open_branch(case, changes, given):
    """Open the case that pieces have left for; the split has seen that it may be opened."""
    child = branching.make(case, changes, given)
    asked, case.facts.branch = case.facts.branch, None
    inputs = {name: value for name, value in asked.items() if name != "case_id"}
    try:
        move(child, actions.STEPS["open"], changes, inputs)
    except Refused as refusal:
        raise RuntimeError(f"a split led to what may not be opened: {refusal}") from refusal
    tell_of_pause(child, changes)
    return child.id


def move(
    case: Case,
    step: Step,
    changes: Changes,
    inputs: dict[str, Any],
    *,
    fired: Clock | None = None,
    evidence: Sequence[dict[str, Any]] = (),
) -> Taken:
    """Call the method, and the one that goes along on the other machine; set the clocks right.

    :param fired: the clock whose end the step is
    :raises Refused: the method does not take its inputs; nothing has changed
    """
    facts = case.facts
    before, dispute_before = case.state, facts.dispute.state if facts.dispute else "new"
    machine = actions.machine_of(case, step.name)
    getattr(machine, step.name)(**inputs)
    _along(case, step, machine.state, before, changes)
    timekeeping.follow(facts, "case", before, case.state, step.rule)
    if facts.dispute is not None:
        timekeeping.follow(facts, "dispute", dispute_before, facts.dispute.state, step.rule)
        changes.touch(facts.dispute)
        if step.name != "claim":
            renew_lease(facts)
    if not step.rule.quiet or case.state != before:
        case.version += 1
        case.lapsed_from = ""
    if evidence:
        facts.tell(evidence=[item["slot"] for item in evidence])
        facts.tell(files=[facts.files[key].sha256 for key in attaching.named(evidence)] or None)
    event = timeline.record(case, step.name, changes, before=before, fired=fired)
    return Taken(case, event)


def _along(case, step, reached, before, changes):
    """Take the step of the other machine that goes with the state reached."""
    name = step.rule.also.get(reached)
    if name is None:
        return
    facts = case.facts
    if name == "open_dispute" and facts.dispute is None:
        _new_dispute(case, changes)
    by_case = name in actions.DISPUTE_STEPS
    if by_case and name != "open_dispute" and before != "in_mediation":
        return
    actor = facts.actor
    facts.actor = _machine(Role.CASE if by_case else Role.DISPUTE, actor.person)
    refusal = actions.why_not(case, actions.STEPS[name])
    if refusal is not None:
        raise RuntimeError(f"{step.name} cannot take {name} along: {refusal}")
    getattr(actions.machine_of(case, name), name)()
    facts.actor = actor
    facts.tell(also=name)


@lru_cache(maxsize=1_024)
def _machine(role, person):
    """Speak for one machine to the other, as the person who moved it."""
    return Actor(role=role, person=person)


def _new_dispute(case, changes):
    dispute = Dispute.fresh(id=new_id(changes.at), case_id=case.id)
    dispute.facts = case.facts
    dispute.docket = Docket.fresh(
        id=dispute.id,
        case_id=case.id,
        marketplace_id=case.marketplace_id,
        clock_id=case.clock_id,
        language=case.language,
    )
    case.facts.dispute = dispute
    changes.added[Dispute].append(dispute)
    changes.added[Docket].append(dispute.docket)


def renew_lease(facts: Any) -> None:
    """Whoever works on a dispute keeps it; a lease that has ended stays ended."""
    entry = facts.dispute.docket
    mine = entry.holder and entry.holder == facts.actor.person
    if mine and facts.at < entry.lease_until:
        entry.lease_until = facts.at + LEASE
        facts.touch(entry)


def _keep_words(case, changes, written, words, event):
    if written is not None:
        actor = case.facts.actor
        changes.added[Statement].append(
            Statement.fresh(
                id=written,
                case_id=case.id,
                event_id=event.id,
                role=actor.role,
                party_id=actor.party_id,
                text=words,
                written_at=changes.at,
            )
        )


def _keep_tokens(case, changes, words):
    """Let a ruling be found again by what it is about: the goods and the reasons."""
    ruling = next(row for row in reversed(changes.added[Ruling]) if row.case_id == case.id)
    about = "\n".join([*(item.line.title for item in case.facts.items), words or ""])
    changes.added[RulingToken] += [
        RulingToken.fresh(
            id=new_id(changes.at),
            ruling_id=ruling.id,
            marketplace_id=case.marketplace_id,
            token=token,
        )
        for token in wording.tokens(about, most=MOST_TOKENS)
    ]


def _keep_evidence(case, changes, evidence, event):
    facts = case.facts
    for item in evidence:
        facts.handed_in[facts.actor.role].add(item["slot"])
        file = attaching.attach(case, item["file"]) if "file" in item else None
        changes.added[Evidence].append(
            Evidence.fresh(
                id=new_id(changes.at),
                case_id=case.id,
                event_id=event.id,
                role=facts.actor.role,
                slot=item["slot"],
                file_id=file and file.id,
                sha256=file.sha256 if file else item.get("sha256", ""),
                round=facts.dispute.evidence_rounds if facts.dispute else 0,
                handed_in_at=changes.at,
            )
        )
