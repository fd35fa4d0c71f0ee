"""Whether policies allow a request.

An explicit deny wins; what no statement allows is denied; a session policy allows nothing that the role's policy does
not allow. From https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from dataclasses import dataclass, field
from enum import Enum

from bailiff_bot.sandbox.aws.iam.context import Context
from bailiff_bot.sandbox.aws.iam.document import Patterns, Policy, Statement
from bailiff_bot.sandbox.aws.iam.patterns import matches, matches_arn


@dataclass(frozen=True, slots=True)
class IamRequest:
    """One action on one resource. A call of AWS may need several of them."""

    action: str
    """Such as `ec2:StopInstances`."""
    resource: str = "*"
    """An ARN; `*` for an action that knows no resources."""
    context: Context = field(default_factory=Context)


class Decision(Enum):
    """What a policy says of a request."""

    ALLOWED = "Allowed"
    NOT_ALLOWED = "ImplicitlyDenied"
    DENIED = "ExplicitlyDenied"


class PolicyKind(Enum):
    """The kinds of policies, with the words of AWS's error messages."""

    IDENTITY = "identity-based"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies of a caller say of a request, and the kind of policy that decided it."""

    decision: Decision
    kind: PolicyKind = PolicyKind.IDENTITY

    def reason(self, action: str) -> str:
        """Return why the request is refused, in the words of AWS."""
        if self.decision is Decision.DENIED:
            article = "an" if self.kind is PolicyKind.IDENTITY else "a"
            return f"with an explicit deny in {article} {self.kind.value} policy"
        return f"because no {self.kind.value} policy allows the {action} action"


def evaluate(policy: Policy, request: IamRequest) -> Decision:
    """Return what one policy says of a request."""
    matching = [statement for statement in policy.statements if _matches(statement, request)]
    if not matching:
        return Decision.NOT_ALLOWED
    return Decision.ALLOWED if all(statement.allows for statement in matching) else Decision.DENIED


def authorize(identity: Policy, session: Policy | None, request: IamRequest) -> Verdict:
    """Return what a caller's policies say together.

    Arguments: the policy of the user or role; the policy of the session, if AssumeRole was given one.
    """
    decisions = {PolicyKind.IDENTITY: evaluate(identity, request)}
    if session is not None:
        decisions[PolicyKind.SESSION] = evaluate(session, request)
    for decision in (Decision.DENIED, Decision.NOT_ALLOWED):
        for kind, made in decisions.items():
            if made is decision:
                return Verdict(decision, kind)
    return Verdict(Decision.ALLOWED)


def _matches(statement: Statement, request: IamRequest) -> bool:
    context = request.context
    return (
        _includes_action(statement.actions, request)
        and _includes_resource(statement.resources, request)
        and (not statement.principals or _includes_principal(statement.principals, context))
        and all(condition.is_met(context) for condition in statement.conditions)
    )


def _includes_action(actions: Patterns, request: IamRequest) -> bool:
    return actions.excluded != any(
        matches(pattern, request.action, Context(), ignore_case=True) for pattern in actions.values
    )


def _includes_resource(resources: Patterns, request: IamRequest) -> bool:
    return resources.excluded != any(
        matches_arn(pattern, request.resource, request.context) for pattern in resources.values
    )


def _includes_principal(principals: tuple[str, ...], context: Context) -> bool:
    account, arn = context.variable("aws:PrincipalAccount"), context.variable("aws:PrincipalArn")
    return not {"*", account, arn, f"arn:aws:iam::{account}:root"}.isdisjoint(principals)
