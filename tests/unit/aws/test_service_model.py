"""What botocore is told of EC2: what it knows itself, of the operations we call."""

import json
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.session import Session

from bailiff_bot.aws import service_model
from bailiff_bot.aws.service_model import LOADER, minimal_model

SERVICE = "ec2/2016-11-15/service-2"


@pytest.fixture(scope="module")
def whole() -> Any:
    return Loader().load_data(SERVICE)


def test_our_description_is_botocores(whole: Any) -> None:
    again = "botocore describes EC2 anew: python -m bailiff_bot.aws.service_model"
    assert minimal_model(whole) == LOADER.load_data(SERVICE), again


def test_what_is_written_is_what_is_read(whole: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ec2" / "2016-11-15").mkdir(parents=True)
    monkeypatch.setattr(service_model, "_MODELS", tmp_path)
    service_model.write()
    assert json.loads((tmp_path / f"{SERVICE}.json").read_text()) == minimal_model(whole)


def test_a_client_has_our_operations_and_no_other() -> None:
    session = Session()
    session.register_component("data_loader", LOADER)
    client = session.create_client("ec2", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    assert set(client.meta.method_to_api_mapping.values()) == {"DescribeInstances", "DescribeRegions"}


def test_other_services_are_described_by_botocore() -> None:
    assert LOADER.load_data("sts/2011-06-15/service-2") == Loader().load_data("sts/2011-06-15/service-2")
