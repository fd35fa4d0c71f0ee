"""What is wrong with what random clicks did in AWS: it is done, logged and counted once each, and AWS agrees."""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from bailiff_bot.domain.action import AWS_ACTIONS, Action
from bailiff_bot.domain.action_brakes import Slot
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.owner_tag import BAILIFF_OWNER_TAG
from bailiff_bot.sandbox.aws.calls import AwsCall

_ACTIONS = {
    "ec2:StopInstances": "stop",
    "ec2:StartInstances": "undo",
    "ec2:CreateTags": "rename",
    "ec2:TerminateInstances": "delete",
}
_BEGUN, _DONE = frozenset({AuditResult.BEGUN}), frozenset({AuditResult.DONE})
_ENDS = frozenset({AuditResult.DONE, AuditResult.FAILED, AuditResult.UNKNOWN})


def errors(
    results: Sequence[ActionResult], records: Sequence[AuditRecord], slots: Sequence[Slot], calls: Sequence[AwsCall]
) -> Iterator[str]:
    """Yield a line for what was done in AWS, logged, counted or asked for another number of times than once."""
    tried = [one for one in results if _is_in_aws(one)]
    yield from _errors_in_log(tried, [one for one in records if one.after.get("action")], slots)
    yield from _errors_in_aws(tried, calls)


def _is_in_aws(result: ActionResult) -> bool:
    return result.action in AWS_ACTIONS or (result.action is Action.UNDO and result.reason == Action.STOP)


def _errors_in_log(
    tried: Sequence[ActionResult], records: Sequence[AuditRecord], slots: Sequence[Slot]
) -> Iterator[str]:
    begun, ended, logged = (_count(records, wanted) for wanted in (_BEGUN, _ENDS, _DONE))
    yield from (f"not logged as begun: {key}" for key in ended if not begun[key] and key[0] not in {"cancel", "image"})
    yield from (f"logged twice: {key}" for key, number in logged.items() if number > 1)
    done = Counter((str(one.action), one.made_id) for one in tried if one.outcome is Outcome.DONE)
    yield from (f"done twice, or not logged: {key}" for key in done if (done[key], logged[key]) != (1, 1))
    tries = Counter(action for action, _ in begun if action in AWS_ACTIONS)
    taken = Counter(str(one.action) for one in slots)
    yield from (f"{taken[one]} slots for {tries[one]} times {one}" for one in AWS_ACTIONS if taken[one] != tries[one])


def _count(records: Sequence[AuditRecord], wanted: AbstractSet[AuditResult]) -> Counter[tuple[str, str]]:
    return Counter((one.action, str(one.after["action"])) for one in records if one.result in wanted)


def _errors_in_aws(tried: Sequence[ActionResult], calls: Sequence[AwsCall]) -> Iterator[str]:
    """Yield a line for each instance for which AWS was asked for more than was done, or for less."""
    ids = {one.offer.subject.id for one in tried}
    asked = Counter(
        (action, instance) for one in calls if (action := _action(one)) for instance in ids & set(one.form.values())
    )
    done, may_be = (
        Counter((str(one.action), one.offer.subject.id) for one in tried if one.outcome in outcomes)
        for outcomes in ({Outcome.DONE}, {Outcome.DONE, Outcome.UNKNOWN})
    )
    yield from (
        f"asked AWS {asked[key]} times, done {may_be[key]} times: {key}" for key in asked if asked[key] > may_be[key]
    )
    yield from (f"AWS was not asked as often as it was done: {key}" for key in done if asked[key] < done[key])


def _action(call: AwsCall) -> str | None:
    """Return the action that makes a call to AWS; None if it only reads, or makes an image."""
    is_tag = call.iam_action == "ec2:CreateTags" and BAILIFF_OWNER_TAG in call.form.values()
    return "tag" if is_tag else _ACTIONS.get(call.iam_action)
