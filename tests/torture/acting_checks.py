"""What is wrong after an action in AWS: in AWS, in the database, in the audit log, with the brake, and in Slack."""

from collections import Counter
from collections.abc import Iterator

from bailiff_bot.domain.action_result import Outcome
from bailiff_bot.domain.audit import AuditResult
from tests.torture.acting_pair import ActingPair
from tests.torture.aws_actions import AwsAction
from tests.torture.clicked_actions import EPOCH

_COUNTED = ("stop", "rename", "delete")
"""What takes a slot."""
_CHANGES = frozenset({"StopInstances", "StartInstances", "CreateTags", "TerminateInstances"})
_ENDS = frozenset({AuditResult.DONE, AuditResult.FAILED, AuditResult.UNKNOWN})


def acting_errors(pair: ActingPair, action: AwsAction) -> Iterator[str]:
    """Yield a line for each thing that was not done, logged, counted and told exactly once."""
    yield from _errors_in_aws(pair, action)
    # A try that failed is kept if the next one came from another rendering of the message.
    done = tuple(f"{one.action} {one.outcome}" for one in pair.results() if one.outcome is not Outcome.FAILED)
    if done != action.results:
        yield f"results: {done}, not {action.results}"
    yield from _errors_in_log(pair, action)
    yield from _errors_in_slack(pair, action)


def _errors_in_aws(pair: ActingPair, action: AwsAction) -> Iterator[str]:
    aws, instance = pair.owner.scenario.harness.aws, pair.instance
    operations = (one.iam_action.removeprefix("ec2:") for one in aws.calls if instance.id in one.form.values())
    calls = tuple(one for one in operations if one in _CHANGES)
    if calls != action.calls:
        yield f"asked AWS for {calls}, not {action.calls}"
    images = sum(instance.id in name for name in aws.image_names())
    if images != action.is_stopped:
        yield f"{images} images"
    now = next(one for one in aws.instances() if one.id == instance.id)
    name = action.new_name.format(pair.owner.name) or instance.name
    if (now.state, now.name) != (action.state, name):
        yield f"it is {now.state} and called {now.name}"


def _errors_in_log(pair: ActingPair, action: AwsAction) -> Iterator[str]:
    """Yield a line unless each try has a row when it began, one of its end, and a slot."""
    store, expected = pair.owner.scenario.store, Counter(one.partition(" ")[0] for one in action.results)
    records = [one.record for one in store.audit.since(EPOCH)]
    own = [one for one in records if one.subject and one.subject.id == pair.instance.id]
    logged = Counter((one.action, one.result) for one in own)
    ids = {one.after.get("action") for one in own if one.action == "delete" and one.result is AuditResult.BEGUN}
    slots = Counter(
        str(one.action) for one in store.brakes.slots(pair.owner.scenario.now) if one.user_id == _user(pair)
    )
    for name in expected:
        tries = len(ids) if name == "delete" else logged[name, AuditResult.BEGUN]
        ends = sum(logged[name, end] for end in _ENDS)
        if ends != sum(f"{name} {end}" in action.results for end in _ENDS) + logged[name, AuditResult.FAILED]:
            yield f"{name} logged: {dict(logged)}"
        if name not in {"cancel", "delete"} and ends != tries:
            yield f"{name} logged as begun {tries} times, and {ends} ends"
        if slots[name] != (tries if name in _COUNTED else 0):
            yield f"{slots[name]} slots for {tries} times {name}"


def _user(pair: ActingPair) -> str:
    return pair.results()[0].user_id if pair.results() else ""


def _errors_in_slack(pair: ActingPair, action: AwsAction) -> Iterator[str]:
    for person in (pair.owner, pair.other):
        if len(person.nudges()) != 1:
            yield f"{len(person.nudges())} messages of the digest to {person.name}"
    for person, expected in ((pair.owner, action.told_self), (pair.other, action.told)):
        told = sum(pair.near in one.visible_text for one in person.notices())
        if told != expected:
            yield f"{person.name} is told of it in {told} messages, not {expected}"
    if pair.posts() != action.posted:
        yield f"the triage channel has {pair.posts()} messages about it, not {action.posted}"
