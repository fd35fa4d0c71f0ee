"""Which actions a message offers for an instance. What is done is decided again at the click, by what it is then."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from bailiff_bot.domain.action import AWS_ACTIONS, Action
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import RuleId

ActingAccounts = Mapping[Action, frozenset[str]]
"""By action, the accounts that have the role for it. An action that is missing needs no role."""

REMEDIES: Mapping[RuleId, Action] = {
    RuleId.NAMED: Action.RENAME,
    RuleId.OWNED: Action.RENAME,
    RuleId.KNOWN_OWNER: Action.RENAME,
    RuleId.DELETED_WHEN_ABANDONED: Action.DELETE,
    RuleId.STOPPED_WHEN_UNUSED: Action.STOP,
}
"""The action that mends a broken rule, of those that one does."""


def possible_actions(row: Row, offered: AbstractSet[Action], accounts: ActingAccounts) -> frozenset[Action]:
    """Return the actions of `offered` that a row's instance allows, as the scan saw it."""
    return frozenset(one for one in offered if one not in AWS_ACTIONS or _is_possible(row, one, accounts))


def lacks_role(row: Row, action: Action, offered: AbstractSet[Action], accounts: ActingAccounts) -> bool:
    """Return True if an action is offered, but not in this account: it has no role for it."""
    needs_role = action in offered and action in AWS_ACTIONS and row.controller is None
    return needs_role and row.instance.target.account not in accounts.get(action, frozenset())


def _is_possible(row: Row, action: Action, accounts: ActingAccounts) -> bool:
    if row.controller is not None or row.instance.target.account not in accounts.get(action, frozenset()):
        return False
    rules = {finding.rule for finding in row.findings}
    if action is Action.STOP:
        return row.instance.state is InstanceState.RUNNING
    if action is Action.DELETE:
        return row.instance.state is InstanceState.STOPPED and RuleId.DELETED_WHEN_ABANDONED in rules
    return any(REMEDIES.get(rule) is action for rule in rules)
