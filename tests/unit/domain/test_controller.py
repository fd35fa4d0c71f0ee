from dataclasses import replace

import pytest

from bailiff_bot.domain.controller import Controller, controller_of, group_by_controller, representative
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.managed_tags import ManagedTag, managed_tags
from bailiff_bot.domain.policy import Policy
from tests.builders import ASG, IRELAND, VIRGINIA, days_ago, ids, instance, report

BUILT_IN = managed_tags(())


def tags_of(tag: ManagedTag) -> dict[str, str]:
    """Return the tags of a machine of a controller named blue."""
    required = dict([tag.requires] if tag.requires else [])
    return {f"{tag.prefix}blue": "owned", **required} if tag.prefix else {tag.key: "blue", **required}


@pytest.mark.parametrize("tag", BUILT_IN, ids=lambda tag: tag.key)
def test_each_controller_tag_marks_a_managed_machine(tag: ManagedTag) -> None:
    found = controller_of(instance(tags=tags_of(tag)), BUILT_IN)
    assert found
    assert (found.kind, found.name, found.target) == (tag.kind, "blue", IRELAND)


@pytest.mark.parametrize("tag", [tag for tag in BUILT_IN if tag.requires], ids=lambda tag: tag.key)
def test_a_tag_that_requires_another_marks_nothing_alone(tag: ManagedTag) -> None:
    assert controller_of(instance(tags={tag.key: "blue"}), BUILT_IN) is None
    assert controller_of(instance(tags=dict([tag.requires or ("", "")])), BUILT_IN) is None


@pytest.mark.parametrize(
    "tags",
    [
        {"kubernetes.io/name": "x", "aws:autoscaling:group": "x"},
        {"ClusterName": "hpc", "ClusterId": "0101-1"},
        {"Vendor": "Acme", "ClusterId": "0101-1"},
        {"Vendor": "Databricks"},
    ],
)
def test_an_instance_without_a_controller_tag_has_no_controller(tags: dict[str, str]) -> None:
    assert controller_of(instance(tags=tags), BUILT_IN) is None


@pytest.mark.parametrize("tag", [tag for tag in BUILT_IN if ":ec2" not in tag.key and tag.key != ASG], ids=str)
def test_a_cluster_takes_precedence_over_its_auto_scaling_group(tag: ManagedTag) -> None:
    found = controller_of(instance(tags={ASG: "eks-group-1", "aws:ec2:fleet-id": "fleet-1", **tags_of(tag)}), BUILT_IN)
    assert found
    assert (found.kind, found.name) == (tag.kind, "blue")


@pytest.mark.parametrize(
    ("entry", "tags", "controller"),
    [
        ("acme:pool=Acme pool", {"acme:pool": "blue"}, ("Acme pool", "blue")),
        ("acme:pool = Acme pool ", {"acme:pool": "blue"}, ("Acme pool", "blue")),
        ("acme:pool=Acme pool", {"acme:pools": "blue"}, None),
        ("acme:pool=Acme pool", {"Acme:pool": "blue"}, None),
        ("Vendor=Acme=Acme worker", {"Vendor": "Acme"}, ("Acme worker", "Acme")),
        ("Vendor=Acme=Acme worker", {"Vendor": "Other"}, None),
        ("Vendor=Ac*=Acme worker", {"Vendor": "Acme"}, ("Acme worker", "Acme")),
        ("acme.io/pool/*=Acme pool", {"acme.io/pool/blue": ""}, ("Acme pool", "blue")),
        ("acme.io/pool/*=Acme pool", {"acme.io/pools/blue": ""}, None),
        ("acme:pool=Acme pool", {"acme:pool": "blue", ASG: "acme-1"}, ("Acme pool", "blue")),
    ],
)
def test_the_settings_add_controllers(entry: str, tags: dict[str, str], controller: tuple[str, str] | None) -> None:
    found = controller_of(instance(tags=tags), managed_tags((entry,)))
    assert (found and (found.kind, found.name)) == controller
    policy = Policy(managed_tags=(entry,))
    [table] = [table.id for table in report(instance(1, "x", tags=tags), policy=policy).tables if table.rows]
    assert table == ("managed" if controller else "owned")


@pytest.mark.parametrize(
    "entry", ["acme", "=Label", "key=", "key==Label", "a=b=c=d", "=", "==", " = ", "*=Label", "a*b=Label", "a*=b=Label"]
)
def test_a_bad_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"^should look like key=Label or key=value=Label, and "):
        managed_tags((entry,))


def test_of_two_cluster_tags_the_same_one_is_always_chosen() -> None:
    tags = {"kubernetes.io/cluster/b": "owned", "kubernetes.io/cluster/a": "shared"}
    backwards = dict(reversed(tags.items()))
    assert controller_of(instance(tags=tags), BUILT_IN) == controller_of(instance(tags=backwards), BUILT_IN)


def test_groups_with_the_same_name_in_two_targets_are_separate() -> None:
    here, there = instance(1, tags={ASG: "web"}), instance(2, tags={ASG: "web"}, target=VIRGINIA)
    assert [members for _, members in group_by_controller([there, here], BUILT_IN).items()] == [(here,), (there,)]


def test_a_controller_is_judged_by_its_own_name_and_its_oldest_running_member() -> None:
    members = (
        instance(1, "AGR-node", age=3, tags={ASG: "mlg-web"}),
        instance(2, "AGR-node", age=9, tags={ASG: "mlg-web"}),
        instance(3, "AGR-node", age=99, tags={ASG: "mlg-web"}, state=InstanceState.STOPPED),
    )
    [(controller, _)] = group_by_controller(members, BUILT_IN).items()
    judged = representative(controller, members)
    assert (judged.id, judged.name) == (members[1].id, "mlg-web")


def test_a_controller_has_the_tags_that_all_its_members_share() -> None:
    members = (
        instance(1, tags={ASG: "web", "Owner": "agr", "team": "a"}),
        instance(2, tags={ASG: "web", "Owner": "agr", "team": "b"}),
        instance(3, tags={ASG: "web", "Owner": "agr"}),
    )
    [(controller, _)] = group_by_controller(members, BUILT_IN).items()
    assert representative(controller, members).tags == {ASG: "web", "Owner": "agr", "Name": "web"}


@pytest.mark.parametrize("tag", [tag for tag in BUILT_IN if tag.name_tag], ids=lambda tag: tag.key)
def test_a_controller_without_a_name_takes_the_name_that_its_members_share(tag: ManagedTag) -> None:
    tags = {**tags_of(tag), tag.name_tag: "agr-blue"}
    members = (instance(1, "agr-blue", tags=tags), instance(2, "agr-blue", tags=tags))
    [(controller, _)] = group_by_controller(members, BUILT_IN).items()
    assert representative(controller, members).name == "agr-blue"


def test_a_controller_whose_tag_is_blank_takes_the_name_that_its_members_share() -> None:
    tags = managed_tags(("acme:managed=Acme worker",))
    members = (instance(1, "agr-acme", tags={"acme:managed": ""}), instance(2, "agr-acme", tags={"acme:managed": ""}))
    [(controller, _)] = group_by_controller(members, tags).items()
    assert representative(controller, members).name == "agr-acme"


@pytest.mark.parametrize("principal", ["eks.amazonaws.com", ""])
def test_the_machines_of_an_aws_service_are_one_managed_row_without_an_identifier(principal: str) -> None:
    members = [replace(instance(number, "agr-box"), operator=principal) for number in (1, 2)]
    members.append(replace(instance(3, None), operator=principal))
    judged = report(*members, instance(4))
    [row] = [row for row in judged.rows if row.controller]
    assert row.controller == Controller(IRELAND, "AWS service", principal)
    assert row.count == 3
    assert row.identity.identifier is None
    assert ids(judged, "managed") == ["1"]


def test_the_machines_of_an_aws_service_may_share_a_name_with_an_owner() -> None:
    members = [replace(instance(number, "agr-box"), operator="eks.amazonaws.com") for number in (1, 2)]
    [row] = [row for row in report(*members).rows if row.controller]
    assert row.identity.owner_keys == ("AGR",)


def test_a_cluster_takes_precedence_over_the_aws_service_that_manages_its_machines() -> None:
    machine = replace(instance(tags={"eks:cluster-name": "blue"}), operator="eks.amazonaws.com")
    found = controller_of(machine, BUILT_IN)
    assert found
    assert found.kind == "EKS cluster"


def test_an_exempting_tag_counts_for_a_machine_of_an_aws_service_too() -> None:
    machine = replace(instance(tags={"bailiff:exempt": ""}), operator="eks.amazonaws.com")
    assert ids(report(machine), "exempt") == ["1"]


def test_two_tags_of_one_controller_give_one_row() -> None:
    tags = managed_tags(("pool=Acme pool", "acme=blue=Acme pool"))
    members = (instance(1, tags={"pool": "blue"}), instance(2, tags={"acme": "blue"}))
    [(_, found)] = group_by_controller(members, tags).items()
    assert found == members


def test_a_controller_is_as_old_as_its_first_member() -> None:
    members = (
        instance(1, "node", age=0.1, tags={ASG: "web"}),
        replace(instance(2, "node", age=0.05, tags={ASG: "web"}), attached_at=days_ago(9)),
    )
    [(controller, _)] = group_by_controller(members, BUILT_IN).items()
    judged = representative(controller, members)
    assert (judged.id, judged.created_at) == (members[0].id, days_ago(9))


def test_a_controller_without_a_name_takes_its_id_if_its_members_share_no_name() -> None:
    key = "aws:elasticmapreduce:job-flow-id"
    members = (instance(1, "agr-1", tags={key: "j-1"}), instance(2, "agr-2", tags={key: "j-1"}))
    [(controller, _)] = group_by_controller(members, BUILT_IN).items()
    assert representative(controller, members).name == "j-1"
