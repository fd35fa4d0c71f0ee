"""EC2 of the sandbox refuses, delays and describes what moto does not: kinds of machines, states, protections, tags."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.instance_fixture import (
    INSTANCE_STORE,
    SPOT_ONE_TIME,
    SPOT_PERSISTENT,
    InstanceFixture,
    VolumeFixture,
)
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import DELETE_ROLE, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import NOW, ClientFactory, acting, describe, error_code

DAY = timedelta(days=1)


def fixture(key: str, **fields: Any) -> InstanceFixture:
    return InstanceFixture(key=key, name=f"agr-{key}", since_start=DAY, expected_table="legit", **fields)


FLEET = (
    fixture("plain"),
    fixture("public", has_public_address=True),
    fixture("elastic", has_elastic_address=True),
    fixture("one-time", lifecycle=SPOT_ONE_TIME),
    fixture("persistent", lifecycle=SPOT_PERSISTENT),
    fixture("store", root_device=INSTANCE_STORE, type="m5d.large"),
    fixture("stop-protected", is_stop_protected=True),
    fixture("protected", is_termination_protected=True),
    fixture("data", volumes=(VolumeFixture(size=30), VolumeFixture("/dev/sdf", 200, is_deleted_with_instance=False))),
    fixture("all-kept", volumes=(VolumeFixture(is_deleted_with_instance=False),)),
    fixture("hibernating", has_hibernation=True),
    fixture("run-by-eks", managed_by="eks.amazonaws.com"),
    fixture("pending", state="pending"),
    fixture("stopping", state="stopping"),
    fixture("stopped", state="stopped"),
    fixture("leaving", state="shutting-down"),
    fixture("gone", state="terminated"),
)
IDS = {one.key: one.id for one in FLEET}


@pytest.fixture
def aws() -> Iterator[AwsSandbox]:
    with AwsSandbox(FLEET, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def act(client: ClientFactory) -> Any:
    return acting(client)


@pytest.fixture
def delete(client: ClientFactory) -> Any:
    return acting(client, DELETE_ROLE)


def one(ec2: Any, key: str) -> dict[str, Any]:
    [found] = describe(ec2, InstanceIds=[IDS[key]])
    return found


def state(ec2: Any, key: str) -> str:
    return str(one(ec2, key)["State"]["Name"])


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


class TestDescriptions:
    def test_tell_what_an_instance_is(self, act: Any) -> None:
        assert "InstanceLifecycle" not in one(act, "plain")
        assert one(act, "one-time")["InstanceLifecycle"] == "spot"
        assert one(act, "store")["RootDeviceType"] == "instance-store"
        assert one(act, "store")["BlockDeviceMappings"] == []
        assert one(act, "hibernating")["HibernationOptions"] == {"Configured": True}
        assert one(act, "run-by-eks")["Operator"] == {"Managed": True, "Principal": "eks.amazonaws.com"}

    def test_tell_whose_an_address_is(self, act: Any) -> None:
        assert "PublicIpAddress" not in one(act, "plain")
        owners = {
            key: one(act, key)["NetworkInterfaces"][0]["Association"]["IpOwnerId"] for key in ("public", "elastic")
        }
        assert owners == {"public": "amazon", "elastic": OWN_ACCOUNT}

    def test_tell_which_volumes_are_deleted_with_it(self, act: Any) -> None:
        devices = one(act, "data")["BlockDeviceMappings"]
        ids = [device["Ebs"]["VolumeId"] for device in devices]

        assert [(device["DeviceName"], device["Ebs"]["DeleteOnTermination"]) for device in devices] == [
            ("/dev/sda1", True),
            ("/dev/sdf", False),
        ]
        sizes = {volume["VolumeId"]: volume["Size"] for volume in act.describe_volumes(VolumeIds=ids)["Volumes"]}
        assert sizes == dict(zip(ids, (30, 200), strict=True))

    def test_tell_the_protections(self, act: Any) -> None:
        found = {
            (key, attribute): act.describe_instance_attribute(InstanceId=IDS[key], Attribute=attribute)
            for key in ("plain", "protected", "stop-protected")
            for attribute in ("disableApiStop", "disableApiTermination")
        }

        protected = [key for key, answer in found.items() if answer[key[1][0].upper() + key[1][1:]]["Value"]]
        assert protected == [("protected", "disableApiTermination"), ("stop-protected", "disableApiStop")]

    def test_tell_the_kind_of_a_spot_request(self, act: Any) -> None:
        for key, kind in (("one-time", "one-time"), ("persistent", "persistent")):
            request_id = one(act, key)["SpotInstanceRequestId"]
            by_id = act.describe_spot_instance_requests(SpotInstanceRequestIds=[request_id])
            filters = [{"Name": "instance-id", "Values": [IDS[key]]}]
            by_instance = act.describe_spot_instance_requests(Filters=filters)
            assert by_id["SpotInstanceRequests"] == by_instance["SpotInstanceRequests"]
            assert [request["Type"] for request in by_id["SpotInstanceRequests"]] == [kind]

    def test_refuse_a_spot_request_that_does_not_exist(self, act: Any) -> None:
        parameters = {"SpotInstanceRequestIds": ["sir-00000000"]}

        assert error_code(act.describe_spot_instance_requests, **parameters) == "InvalidSpotInstanceRequestID.NotFound"

    def test_tell_the_types_with_local_disks(self, act: Any) -> None:
        types = act.describe_instance_types(InstanceTypes=["m5d.large", "t3.medium"])["InstanceTypes"]

        assert {one["InstanceType"]: one["InstanceStorageSupported"] for one in types} == {
            "m5d.large": True,
            "t3.medium": False,
        }


class TestRefusals:
    @pytest.mark.parametrize(
        ("key", "code", "words"),
        [
            ("one-time", "UnsupportedOperation", "associated with a one-time Spot Instance request"),
            ("store", "UnsupportedOperation", "does not have an 'ebs' root device type and cannot be stopped."),
            (
                "stop-protected",
                "OperationNotPermitted",
                "may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
            ),
            ("pending", "IncorrectInstanceState", "is not in a state from which it can be stopped."),
            ("leaving", "IncorrectInstanceState", "is not in a state from which it can be stopped."),
            ("gone", "IncorrectInstanceState", "is not in a state from which it can be stopped."),
        ],
    )
    def test_of_a_stop(self, act: Any, key: str, code: str, words: str) -> None:
        before = state(act, key)

        found_code, message = refusal(act.stop_instances, InstanceIds=[IDS[key]])

        assert (found_code, words in message, IDS[key] in message) == (code, True, True)
        assert state(act, key) == before

    @pytest.mark.parametrize("key", ["stopping", "leaving", "gone"])
    def test_of_a_start(self, act: Any, key: str) -> None:
        assert error_code(act.start_instances, InstanceIds=[IDS[key]]) == "IncorrectInstanceState"

    @pytest.mark.parametrize(
        ("key", "attribute"), [("protected", "disableApiTermination"), ("stop-protected", "disableApiStop")]
    )
    def test_of_a_termination(self, delete: Any, key: str, attribute: str) -> None:
        code, message = refusal(delete.terminate_instances, InstanceIds=[IDS[key]])

        assert code == "OperationNotPermitted"
        assert message == (
            f"The instance '{IDS[key]}' may not be terminated. Modify its '{attribute}' instance attribute and try "
            "again."
        )
        assert state(delete, key) == "running"

    @pytest.mark.parametrize(
        ("instance_id", "code"),
        [("i-00000000000000000", "InvalidInstanceID.NotFound"), ("web", "InvalidInstanceID.Malformed")],
    )
    def test_of_an_unknown_instance(self, act: Any, delete: Any, instance_id: str, code: str) -> None:
        assert error_code(act.stop_instances, InstanceIds=[instance_id]) == code
        assert error_code(delete.terminate_instances, InstanceIds=[instance_id]) == code

    @pytest.mark.parametrize(
        ("resource", "value", "code"),
        [
            (IDS["plain"], "x" * 257, "InvalidParameterValue"),
            ("i-00000000000000000", "x", "InvalidInstanceID.NotFound"),
        ],
    )
    def test_of_a_tag(self, act: Any, resource: str, value: str, code: str) -> None:
        parameters = {"Resources": [resource], "Tags": [{"Key": "Name", "Value": value}]}

        assert error_code(act.create_tags, **parameters) == code

    def test_of_a_51st_tag(self, aws: AwsSandbox, act: Any) -> None:
        for number in range(49):
            aws.set_tag("plain", f"key-{number}", "x")

        act.create_tags(Resources=[IDS["plain"]], Tags=[{"Key": "Name", "Value": "agr-x"}])
        tags = [{"Key": "bailiff:owner", "Value": "agr"}]
        assert error_code(act.create_tags, Resources=[IDS["plain"]], Tags=tags) == "TagLimitExceeded"


class TestTransitions:
    def test_take_no_time_by_default(self, act: Any) -> None:
        [answer] = act.stop_instances(InstanceIds=[IDS["plain"]])["StoppingInstances"]

        assert answer["PreviousState"]["Name"] == "running"
        assert answer["CurrentState"]["Name"] == "stopping"
        assert state(act, "plain") == "stopped"

    def test_can_last_until_a_test_ends_them(self, aws: AwsSandbox, act: Any) -> None:
        aws.delay_transitions()

        act.stop_instances(InstanceIds=[IDS["plain"]])
        again = act.stop_instances(InstanceIds=[IDS["plain"]])["StoppingInstances"]

        assert (again[0]["PreviousState"]["Name"], again[0]["CurrentState"]["Name"]) == ("stopping", "stopping")
        assert state(act, "plain") == "stopping"
        assert error_code(act.start_instances, InstanceIds=[IDS["plain"]]) == "IncorrectInstanceState"
        aws.finish_transitions()
        assert state(act, "plain") == "stopped"

    def test_can_last_for_some_time_of_the_sandboxs_clock(self, aws: AwsSandbox, act: Any) -> None:
        aws.delay_transitions(timedelta(seconds=40))
        act.start_instances(InstanceIds=[IDS["stopped"]])
        assert error_code(act.stop_instances, InstanceIds=[IDS["stopped"]]) == "IncorrectInstanceState"

        aws.advance_time(timedelta(seconds=39))
        assert state(act, "stopped") == "pending"
        aws.advance_time(timedelta(seconds=1))
        assert state(act, "stopped") == "running"

    def test_end_where_a_test_starts_the_instance(self, aws: AwsSandbox, act: Any) -> None:
        aws.delay_transitions()
        act.stop_instances(InstanceIds=[IDS["plain"]])
        aws.start("plain")

        aws.finish_transitions()

        assert state(act, "plain") == "running"

    def test_a_stopping_instance_can_be_terminated_and_stays_so(self, aws: AwsSandbox, act: Any, delete: Any) -> None:
        aws.delay_transitions()
        act.stop_instances(InstanceIds=[IDS["plain"]])

        delete.terminate_instances(InstanceIds=[IDS["plain"]])

        assert state(act, "plain") == "shutting-down"
        aws.finish_transitions()
        assert state(act, "plain") == "terminated"

    def test_of_twenty_calls_at_once_leave_one_state(self, act: Any) -> None:
        calls = [act.stop_instances, act.start_instances] * 10
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda call: call(InstanceIds=[IDS["plain"]]), calls))

        assert len(answers) == 20
        found = one(act, "plain")
        assert found["State"] in ({"Code": 16, "Name": "running"}, {"Code": 80, "Name": "stopped"})
        assert bool(found["StateTransitionReason"]) == (found["State"]["Name"] == "stopped")


class TestStopAndStart:
    def test_lose_a_public_address_and_keep_an_elastic_one(self, act: Any) -> None:
        before = {key: one(act, key)["PublicIpAddress"] for key in ("public", "elastic")}
        ids = [IDS["public"], IDS["elastic"]]

        act.stop_instances(InstanceIds=ids)
        assert "PublicIpAddress" not in one(act, "public")
        act.start_instances(InstanceIds=ids)

        after = {key: one(act, key)["PublicIpAddress"] for key in ("public", "elastic")}
        assert after["elastic"] == before["elastic"]
        assert after["public"] != before["public"]

    def test_of_a_persistent_spot_instance_change_its_request(self, act: Any) -> None:
        request_id = one(act, "persistent")["SpotInstanceRequestId"]

        def request_state() -> str:
            answer = act.describe_spot_instance_requests(SpotInstanceRequestIds=[request_id])
            return str(answer["SpotInstanceRequests"][0]["State"])

        act.stop_instances(InstanceIds=[IDS["persistent"]])
        assert request_state() == "disabled"
        act.start_instances(InstanceIds=[IDS["persistent"]])
        assert request_state() == "active"


class TestTermination:
    def test_deletes_the_volumes_that_go_with_the_instance(self, delete: Any) -> None:
        root, data = (device["Ebs"]["VolumeId"] for device in one(delete, "data")["BlockDeviceMappings"])

        [answer] = delete.terminate_instances(InstanceIds=[IDS["data"]])["TerminatingInstances"]

        assert answer["CurrentState"]["Name"] == "shutting-down"
        assert one(delete, "data")["StateTransitionReason"] == "User initiated (2026-11-20 09:00:00 GMT)"
        assert error_code(delete.describe_volumes, VolumeIds=[root]) == "InvalidVolume.NotFound"
        [kept] = delete.describe_volumes(VolumeIds=[data])["Volumes"]
        assert (kept["State"], kept["Size"]) == ("available", 200)

    def test_keeps_an_elastic_address_without_instance(self, aws: AwsSandbox, delete: Any) -> None:
        address = one(delete, "elastic")["PublicIpAddress"]
        assert aws.elastic_addresses(OWN_ACCOUNT, "eu-west-1") == {address: IDS["elastic"]}

        delete.terminate_instances(InstanceIds=[IDS["elastic"]])

        assert aws.elastic_addresses(OWN_ACCOUNT, "eu-west-1") == {address: ""}
        assert "PublicIpAddress" not in one(delete, "elastic")

    @pytest.mark.parametrize("key", ["gone", "leaving"])
    def test_of_what_is_going_already_changes_nothing(self, delete: Any, key: str) -> None:
        before = state(delete, key)

        delete.terminate_instances(InstanceIds=[IDS[key]])

        assert state(delete, key) == before

    def test_of_a_persistent_spot_instance_launches_another(self, delete: Any) -> None:
        delete.terminate_instances(InstanceIds=[IDS["persistent"]])

        successors = [found for found in describe(delete) if found["InstanceId"] not in IDS.values()]
        assert [(found["InstanceLifecycle"], found["State"]["Name"]) for found in successors] == [("spot", "running")]
        assert successors[0]["LaunchTime"] == NOW
        assert successors[0]["SpotInstanceRequestId"] == one(delete, "persistent")["SpotInstanceRequestId"]

    def test_of_a_one_time_spot_instance_launches_none(self, delete: Any) -> None:
        delete.terminate_instances(InstanceIds=[IDS["one-time"]])

        assert len(describe(delete)) == len(FLEET)
