"""Why the permission for a step is missing. It depends on the policy that AWS names in its message."""

import re

from bailiff_bot.aws.actions.step_calls import StepCall
from bailiff_bot.domain.aws_step import RoleKind

POLICY_FILES = {RoleKind.ACTION: "deploy/iam-act.json", RoleKind.DELETE: "deploy/iam-delete.json"}
"""The policy of each role, for administrators."""

_ACTION = re.compile(r"not authorized to perform: (\w+:\w+)")
_ORGANIZATION = re.compile(r"(?:service|resource) control policy", re.IGNORECASE)
_BY_PHRASE = (
    (_ORGANIZATION, "a policy of the organization denies {action}: no permission in the account helps"),
    (re.compile("permissions boundary", re.IGNORECASE), "the permissions boundary of the role does not allow {action}"),
    (
        re.compile("explicit deny", re.IGNORECASE),
        "the policy of the role denies {action} for it, as it does for the tag bailiff:actions=never",
    ),
    (
        re.compile("no session policy", re.IGNORECASE),
        "the session that Bailiff asked for does not allow {action}: this is a fault of Bailiff, please report it",
    ),
    (
        re.compile("no identity-based policy", re.IGNORECASE),
        "the policy of the role does not allow {action}: compare it with {file}",
    ),
)
_NOT_NAMED = (
    "AWS does not allow {action} to the role: compare its policy with {file}, and look for the tag "
    "bailiff:actions=never and for policies of the organization"
)


def denial_reason(message: str, call: StepCall) -> str:
    """Return why AWS denied a call with this message, and what helps."""
    named = _ACTION.search(message)
    sentence = next((sentence for phrase, sentence in _BY_PHRASE if phrase.search(message)), _NOT_NAMED)
    return sentence.format(action=named[1] if named else f"ec2:{call.operation}", file=POLICY_FILES[call.role])
