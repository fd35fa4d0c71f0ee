"""Why an instance is judged as it is: each step, with what was read in it."""

from dataclasses import dataclass

from bailiff_bot.domain.controller import Controller, controller_of
from bailiff_bot.domain.exemption import ExemptingTag, exempting_tags
from bailiff_bot.domain.facts import Fact, instance_facts
from bailiff_bot.domain.grants import NO_GRANTS, Grants
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.managed_tags import managed_tags
from bailiff_bot.domain.next_events import Exemptions, NextEvent, changes_of_state, next_messages
from bailiff_bot.domain.notification import NotificationHistory
from bailiff_bot.domain.owner_chain import OwnerChain, owner_chain
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.rule_explanation import RuleExplanation, explain_rules


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a row of a report is judged as it is. The messages say each step."""

    row: Row
    machine: Instance | None
    """The controller's machine that was asked for; None if the row itself was."""
    facts: tuple[Fact, ...]
    """What was read of the machine, or of the row's instance."""
    rules: tuple[RuleExplanation, ...]
    """In order of precedence; empty if it is judged with `later_controller`, once it is not exempt any more."""
    owner: OwnerChain
    exempting_tags: tuple[ExemptingTag, ...]
    """Also those that exempt nothing any more."""
    exemptions: Exemptions
    history: NotificationHistory
    next_events: tuple[NextEvent, ...]
    """First what happens to the instance, in order of time, then who is told."""
    later_controller: Controller | None = None
    """The controller of a machine that is judged alone, because a tag exempts it."""


def explain(
    row: Row,
    report: Report,
    history: NotificationHistory,
    machine: Instance | None = None,
    grants: Grants = NO_GRANTS,
) -> Explanation:
    """Return why a row of a report is judged as it is. `machine` is a member of its controller.

    `grants` are those by which the report was judged.
    """
    policy, as_of = report.policy, report.as_of
    controller = None if row.controller else controller_of(row.instance, managed_tags(policy.managed_tags))
    rules = () if controller else tuple(explain_rules(row, policy, as_of))
    owner = owner_chain(row.case, policy, history.owners, history.delegations)
    exemptions = Exemptions(row.case.exemption, tuple(sorted(grants.get(subject_of(row), {}).items())))
    shown = machine or row.instance
    users = (user for _, user in owner.users)
    # Before a message is sent, everything is scanned again: what is not plausible now may be then.
    messages = next_messages(row, users, history)
    return Explanation(
        row,
        machine,
        tuple(instance_facts(shown)),
        rules,
        owner,
        tuple(exempting_tags(shown.tags, policy, as_of, shown.first_exempt)),
        exemptions,
        history,
        (*changes_of_state(rules, exemptions, as_of), *messages),
        controller,
    )
