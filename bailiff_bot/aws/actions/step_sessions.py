"""Sessions of the acting roles: one for each step, in the name of the person who asks. None is kept or shared."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.credentials import ReadOnlyCredentials

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.sessions import SESSIONS, with_renewed_credentials
from bailiff_bot.aws.shared_clients import signed_with
from bailiff_bot.domain.aws_step import Actor
from bailiff_bot.domain.inventory import UnreadReason

_MAX_NAME = 64
"""Characters of a session name and of a source identity. STS accepts 2 to 64 of `[\\w+=,.@-]`."""
_NOT_ALLOWED = re.compile(r"[^\w+=,.@-]", re.ASCII)
_LIFETIME = 900
"""Seconds for which a session is valid: the shortest that STS gives."""


def session_name(user_id: str) -> str:
    """Return the name of the sessions of a Slack user. CloudTrail shows it."""
    return _NOT_ALLOWED.sub("-", f"bailiff-{user_id}")[:_MAX_NAME]


def source_identity(address: str) -> str:
    """Return an e-mail address in the form of a source identity, which keeps its `@`: the trust policy demands one.

    The local part is shortened if the address is too long. Raises Unreadable if it is no address: nothing is done in
    nobody's name.
    """
    local, _, domain = _NOT_ALLOWED.sub("-", address).rpartition("@")
    if not (local and domain):
        raise Unreadable(UnreadReason.FAILED, "the person has no e-mail address, which AWS must be told")
    return f"{local[: max(1, _MAX_NAME - len(domain) - 1)]}@{domain}"[:_MAX_NAME]


@dataclass(frozen=True, slots=True)
class ActingRole:
    """A role of an account, which acts for one person in one region."""

    role: Access
    actor: Actor
    region: str
    limits: Limits

    @contextmanager
    def session(self, policy: str, *, tries_once: bool = False) -> Iterator[Any]:
        """Yield a client of EC2 that works during the block, in a new session with this policy.

        With `tries_once`, botocore retries none of its calls.

        Raises Unreadable, with the reason `ROLE_REFUSED` if AWS refuses the session.
        """
        keys = self._keys(policy)
        limits = replace(self.limits, max_attempts=1) if tries_once else self.limits
        with SESSIONS.client("ec2", self._own, limits, self.region) as ec2, signed_with(lambda: keys):
            yield ec2

    @property
    def _own(self) -> Access:
        """The access with the bot's own credentials."""
        return Access(partition=self.role.partition)

    def _keys(self, policy: str) -> ReadOnlyCredentials:
        try:
            return with_renewed_credentials(self._own, partial(self._assume_role, policy))
        except Unreadable as error:
            if error.reason is not UnreadReason.ACCESS_DENIED:
                raise
            raise Unreadable(UnreadReason.ROLE_REFUSED, error.detail, _trust_remedy(self.role)) from error

    def _assume_role(self, policy: str) -> ReadOnlyCredentials:
        external_id = {"ExternalId": self.role.external_id} if self.role.external_id else {}
        with SESSIONS.client("sts", self._own, self.limits) as sts, translate_aws_errors():
            answer = sts.assume_role(
                RoleArn=self.role.role_arn,
                RoleSessionName=session_name(self.actor.user_id),
                SourceIdentity=source_identity(self.actor.address),
                DurationSeconds=_LIFETIME,
                Policy=policy,
                **external_id,
            )
        credentials = required_field(answer, "Credentials")
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        return ReadOnlyCredentials(*(text_field(credentials, name) for name in names))


def _trust_remedy(role: Access) -> str:
    return (
        f"the trust policy of {role.role_arn} must allow sts:AssumeRole and sts:SetSourceIdentity to the bot with "
        "BAILIFF_EXTERNAL_ID, and so must the bot's own policy"
    )
