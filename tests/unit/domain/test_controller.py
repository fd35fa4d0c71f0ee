import pytest

from bailiff_bot.domain.controller import CONTROLLER_TAGS, controller_of, group_by_controller, is_exempt, representative
from bailiff_bot.domain.instance import InstanceState
from tests.builders import ASG, IRELAND, VIRGINIA, instance

KEYS = [key + "blue" if key.endswith("/") else key for key, _ in CONTROLLER_TAGS]


@pytest.mark.parametrize(("key", "kind"), list(zip(KEYS, [kind for _, kind in CONTROLLER_TAGS], strict=True)))
def test_each_controller_tag_marks_a_managed_machine(key: str, kind: str) -> None:
    found = controller_of(instance(tags={key: "blue"}))
    assert found
    assert (found.kind, found.name, found.target) == (kind, "blue", IRELAND)


def test_an_instance_without_a_controller_tag_has_no_controller() -> None:
    assert controller_of(instance(tags={"kubernetes.io/name": "x", "aws:autoscaling:group": "x"})) is None


@pytest.mark.parametrize("key", KEYS[:5])
def test_a_cluster_takes_precedence_over_its_auto_scaling_group(key: str) -> None:
    found = controller_of(instance(tags={ASG: "eks-group-1", "aws:ec2:fleet-id": "fleet-1", key: "blue"}))
    assert found
    assert found.name == "blue"


def test_of_two_cluster_tags_the_same_one_is_always_chosen() -> None:
    tags = {"kubernetes.io/cluster/b": "owned", "kubernetes.io/cluster/a": "shared"}
    backwards = dict(reversed(tags.items()))
    assert controller_of(instance(tags=tags)) == controller_of(instance(tags=backwards))


def test_groups_with_the_same_name_in_two_targets_are_separate() -> None:
    here, there = instance(1, tags={ASG: "web"}), instance(2, tags={ASG: "web"}, target=VIRGINIA)
    assert [members for _, members in group_by_controller([there, here]).items()] == [(here,), (there,)]


def test_a_controller_is_judged_by_its_own_name_and_its_oldest_running_member() -> None:
    members = (
        instance(1, "AGR-node", age=3, tags={ASG: "mlg-web"}),
        instance(2, "AGR-node", age=9, tags={ASG: "mlg-web"}),
        instance(3, "AGR-node", age=99, tags={ASG: "mlg-web"}, state=InstanceState.STOPPED),
    )
    [(controller, _)] = group_by_controller(members).items()
    judged = representative(controller, members)
    assert (judged.id, judged.name) == (members[1].id, "mlg-web")


def test_a_controller_has_the_tags_that_all_its_members_share() -> None:
    members = (
        instance(1, tags={ASG: "web", "Owner": "agr", "team": "a"}),
        instance(2, tags={ASG: "web", "Owner": "agr", "team": "b"}),
        instance(3, tags={ASG: "web", "Owner": "agr"}),
    )
    [(controller, _)] = group_by_controller(members).items()
    assert representative(controller, members).tags == {ASG: "web", "Owner": "agr", "Name": "web"}


@pytest.mark.parametrize(
    "key", ["aws:elasticmapreduce:job-flow-id", "aws:ec2:fleet-id", "aws:ec2spot:fleet-request-id"]
)
def test_a_controller_without_a_name_takes_the_name_that_its_members_share(key: str) -> None:
    members = (instance(1, "agr-emr", tags={key: "j-1"}), instance(2, "agr-emr", tags={key: "j-1"}))
    [(controller, _)] = group_by_controller(members).items()
    assert representative(controller, members).name == "agr-emr"


def test_a_controller_without_a_name_takes_its_id_if_its_members_share_no_name() -> None:
    key = "aws:elasticmapreduce:job-flow-id"
    members = (instance(1, "agr-1", tags={key: "j-1"}), instance(2, "agr-2", tags={key: "j-1"}))
    [(controller, _)] = group_by_controller(members).items()
    assert representative(controller, members).name == "j-1"


@pytest.mark.parametrize(
    "pattern", ["keep", "keep=*", "ke*", "*", "keep=yes", "keep=y*", "k*=*s", "cost:*", "*:centre"]
)
def test_a_pattern_exempts_by_key_or_by_key_and_value(pattern: str) -> None:
    assert is_exempt(instance(tags={"keep": "yes", "cost:centre": "7"}), (pattern,))


@pytest.mark.parametrize("pattern", ["kee", "Keep", "keep=no", "keep=ye", "keep=Yes", "x*", "keep=*x", "yes", "k*=7"])
def test_a_pattern_exempts_nothing_else(pattern: str) -> None:
    assert not is_exempt(instance(tags={"keep": "yes", "cost:centre": "7"}), (pattern,))


def test_nothing_is_exempt_without_a_pattern() -> None:
    assert not is_exempt(instance(tags={"": "", "a": "b"}), ())


@pytest.mark.parametrize("value", ["[prod]", "why?", "[!a]"])
def test_only_the_star_is_a_wildcard(value: str) -> None:
    assert is_exempt(instance(tags={"keep": value}), (f"keep={value}",))
    assert not is_exempt(instance(tags={"keep": "p"}), (f"keep={value}",))
