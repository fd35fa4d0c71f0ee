"""The EC2 model for botocore: its own, reduced to the operations that Bailiff calls."""

import json
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.session import Session

from bailiff_bot.aws import service_model, usage_calls
from bailiff_bot.aws.service_model import CHANGES, LOADER, READ_BY_ACTIONS, READ_BY_SCANS, minimal_model

SERVICE = "ec2/2016-11-15/service-2"


@pytest.fixture(scope="module")
def full_model() -> Any:
    return Loader().load_data(SERVICE)


def test_our_model_is_a_part_of_botocores(full_model: Any) -> None:
    hint = "botocore's model of EC2 has changed: python -m bailiff_bot.aws.service_model"
    assert minimal_model(full_model) == LOADER.load_data(SERVICE), hint


def test_the_written_model_is_the_reduced_one(full_model: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ec2" / "2016-11-15").mkdir(parents=True)
    monkeypatch.setattr(service_model, "_MODELS", tmp_path)
    service_model.write()
    assert json.loads((tmp_path / f"{SERVICE}.json").read_text()) == minimal_model(full_model)


def test_a_client_has_the_operations_of_our_model_alone() -> None:
    session = Session()
    session.register_component("data_loader", LOADER)
    client = session.create_client("ec2", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    assert set(client.meta.method_to_api_mapping.values()) == {*READ_BY_SCANS, *READ_BY_ACTIONS, *CHANGES}


def test_what_can_hold_user_data_is_not_read() -> None:
    shapes = LOADER.load_data(SERVICE)["shapes"]
    assert set(shapes["InstanceAttribute"]["members"]) == {"InstanceId", "DisableApiStop", "DisableApiTermination"}


def test_other_services_use_the_models_of_botocore() -> None:
    assert LOADER.load_data("sts/2011-06-15/service-2") == Loader().load_data("sts/2011-06-15/service-2")


def test_our_model_of_cloudwatch_calls_the_operation_that_botocore_knows() -> None:
    """Our model leaves the JSON of requests and answers to us. AWS must know that protocol, and the same address."""
    ours, full = (one.load_data("cloudwatch/2010-08-01/service-2") for one in (LOADER, Loader()))
    same = ("apiVersion", "endpointPrefix", "signatureVersion", "auth", "uid")
    assert {key: ours["metadata"][key] for key in same} == {key: full["metadata"][key] for key in same}
    assert "json" in full["metadata"]["protocols"]
    prefix, version = full["metadata"]["targetPrefix"], full["metadata"]["jsonVersion"]
    assert {f"{prefix}.{operation}" for operation in ours["operations"]} == {usage_calls.TARGET}
    assert f"application/x-amz-json-{version}" == usage_calls.CONTENT_TYPE
