"""The roles of both accounts, and the policies of every caller. Tests can replace each of them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from bailiff_bot.sandbox.aws.iam.document import Policy, parse_policy
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT, role_arn

_DOCUMENTS = files("bailiff_bot.sandbox.aws.iam") / "policies"


@dataclass(frozen=True, slots=True)
class Role:
    """A role of an account."""

    arn: str
    trust: Policy
    """Who may assume it."""
    permissions: Policy
    is_refused: bool = False
    """True: AssumeRole fails whatever the trust policy says."""


@cache
def default_policy(name: str, *, is_trust: bool = False) -> Policy:
    """Return a policy of the package, such as `act` or `act-trust`."""
    return parse_policy((_DOCUMENTS / f"{name}.json").read_text("utf-8"), is_trust=is_trust)


class Roles:
    """The roles by ARN; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._roles = _default_roles()
        self._withdrawn: frozenset[str] = frozenset()

    def find(self, arn: str) -> Role | None:
        """Return a role; None if there is none."""
        with self._lock:
            return self._roles.get(arn)

    def permissions(self, arn: str) -> Policy:
        """Return the policy of a role, as it is now; for the bot's own user the user's policy."""
        role = self.find(arn)
        return role.permissions if role else default_policy("bot")

    def set_permissions(self, arn: str, document: str | Mapping[str, Any]) -> None:
        """Replace the policy of a role. Raises PolicyError, and LookupError if there is no such role."""
        self._change(arn, permissions=parse_policy(document))

    def set_trust(self, arn: str, document: str | Mapping[str, Any]) -> None:
        """Replace the trust policy of a role. Raises PolicyError, and LookupError if there is no such role."""
        self._change(arn, trust=parse_policy(document, is_trust=True))

    def refuse(self, arn: str) -> None:
        """Let no one assume a role. Raises LookupError if there is no such role."""
        self._change(arn, is_refused=True)

    def withdraw(self, action: str) -> None:
        """Refuse an action, such as `pricing:GetProducts`, to everyone, as if no policy allowed it."""
        self._withdrawn |= {action}

    def restore(self, action: str) -> None:
        """Undo `withdraw`."""
        self._withdrawn -= {action}

    def withdrawn(self) -> tuple[str, ...]:
        """Return the actions that are refused to everyone."""
        return tuple(sorted(self._withdrawn))

    def is_withdrawn(self, action: str) -> bool:
        """Return True if an action is refused to everyone."""
        return action in self._withdrawn

    def reset(self) -> None:
        """Make every role as it was at the start."""
        with self._lock:
            self._roles = _default_roles()
            self._withdrawn = frozenset()

    def _change(self, arn: str, **changes: Any) -> None:
        with self._lock:
            self._roles[arn] = replace(self._roles[arn], **changes)


def _default_roles() -> dict[str, Role]:
    reader = _role(LAB_ACCOUNT, "read", "read-trust")
    actors = [_role(account, name, "act-trust") for account in (OWN_ACCOUNT, LAB_ACCOUNT) for name in ("act", "delete")]
    return {role.arn: role for role in (reader, *actors)}


def _role(account: str, name: str, trust: str) -> Role:
    return Role(role_arn(account, f"bailiff-{name}"), default_policy(trust, is_trust=True), default_policy(name))
