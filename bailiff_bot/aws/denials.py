"""What to do about a denied call. It depends on the policy that denies it, which AWS names in the message.

From the IAM user guide, "Troubleshoot access denied error messages". If several policies deny a call, AWS names one.
"""

import re
from collections.abc import Mapping

_ALLOW = "allow {action}, as deploy/iam-read-only.json does"
_LEAVE_REGION_OUT = "set BAILIFF_REGIONS to the allowed regions, or declare this one in BAILIFF_EXPECTED_UNREAD"
_LEAVE_ACCOUNT_OUT = "take the role out of BAILIFF_ROLE_ARNS, or declare its account in BAILIFF_EXPECTED_UNREAD"
_ORGANIZATION = "the organization denies {action}, and no permission in the account helps: {leave_out}"
_BY_POLICY: Mapping[str, str] = {
    "service control policy": _ORGANIZATION,
    "resource control policy": _ORGANIZATION,
    "permissions boundary": "let the permissions boundary of the role or user allow {action}, without a Deny",
    "session policy": "let the session policy of the credentials allow {action}, without a Deny",
    "vpc endpoint policy": "let the policy of the VPC endpoint allow {action}, without a Deny",
    "resource-based policy": "let the role's trust policy allow {action}, without a Deny; check BAILIFF_EXTERNAL_ID",
}
_REMOVE_DENY = "remove the Deny of {action} from the policies of the role or user: no Allow overrides it"
_FIND_DENY = "remove the Deny of {action}, which no Allow overrides; if it is the organization's, {leave_out}"
_NOT_NAMED = f"{_ALLOW}; if it is allowed, a policy of the organization may deny it: {{leave_out}}"
_ENCODED = f"{_NOT_NAMED} (aws sts decode-authorization-message shows which policy it is)"
_BY_CODE: Mapping[str, str] = {
    "Blocked": "AWS has blocked the account: contact AWS Support, or declare it in BAILIFF_EXPECTED_UNREAD",
    "PendingVerification": "AWS is still verifying the account: wait, or contact AWS Support",
}

_POLICY = re.compile(
    rf"(?:explicit deny in an?|because no) (?P<policy>{'|'.join(_BY_POLICY)}|identity-based policy)", re.IGNORECASE
)
_ACTION = re.compile(r"(?:not authorized to perform:|allows the) (\w+:\w+)")


def denial_remedy(code: str, message: str, operation: str) -> str:
    """Return what an administrator can do about a denial; empty if it is what helps against every such refusal.

    Arguments: AWS's code and message; the operation that was called, such as `DescribeInstances`.
    """
    is_role = operation == "AssumeRole"
    named = _ACTION.search(message)
    action = named[1] if named else f"{'sts' if is_role else 'ec2'}:{operation}"
    leave_out = _LEAVE_ACCOUNT_OUT if is_role else _LEAVE_REGION_OUT
    return (_BY_CODE.get(code) or _remedy(message, is_role=is_role)).format(action=action, leave_out=leave_out)


def _remedy(message: str, *, is_role: bool) -> str:
    found, is_explicit = _POLICY.search(message), "explicit deny" in message.lower()
    policy = found["policy"].lower() if found else ""
    if policy in _BY_POLICY:
        return _BY_POLICY[policy]
    if is_explicit:
        return _REMOVE_DENY if policy else _FIND_DENY
    if policy:
        return _ALLOW
    if is_role:  # AWS names no policy to another account
        return ""
    return _ENCODED if "Encoded authorization failure message" in message else _NOT_NAMED
