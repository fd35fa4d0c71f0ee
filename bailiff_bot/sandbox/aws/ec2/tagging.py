"""CreateTags: what EC2 refuses. moto accepts every key, every length and resources that do not exist.

From https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
"""

from collections.abc import Mapping
from typing import Any

from bailiff_bot.sandbox.aws.ec2 import errors
from bailiff_bot.sandbox.aws.errors import AwsApiError

MAX_KEY, MAX_VALUE, MAX_TAGS = 128, 256, 50
_COLLECTIONS = {"ami": ("amis", "AMIID"), "snap": ("snapshots", "Snapshot"), "vol": ("volumes", "Volume")}


def check_tags(backend: Any, resource_ids: list[str], tags: Mapping[str, str]) -> None:
    """Raise the `AwsApiError` of CreateTags, if EC2 refuses it."""
    for key, value in tags.items():
        _check_tag(key, value)
    for resource_id in resource_ids:
        _check_exists(backend, resource_id)
        present = [key for key in {**backend.tags.get(resource_id, {}), **tags} if not key.startswith("aws:")]
        if len(present) > MAX_TAGS:
            message = "The maximum number of Tags for a resource has been reached."
            raise AwsApiError("TagLimitExceeded", message)


def _check_tag(key: str, value: str) -> None:
    if key.lower().startswith("aws:"):
        message = "Tag keys starting with 'aws:' are reserved for internal use"
    elif not 0 < len(key) <= MAX_KEY:
        message = f"Tag key exceeds the maximum length of {MAX_KEY} characters"
    elif len(value) > MAX_VALUE:
        message = f"Tag value exceeds the maximum length of {MAX_VALUE} characters"
    else:
        return
    raise AwsApiError("InvalidParameterValue", message)


def _check_exists(backend: Any, resource_id: str) -> None:
    prefix = resource_id.partition("-")[0]
    if prefix == "i":
        if backend.get_instance_by_id(resource_id) is None:
            raise errors.not_found("InstanceID", [resource_id])
    elif prefix not in _COLLECTIONS:
        raise AwsApiError("InvalidID", f"The ID '{resource_id}' is not valid")
    elif resource_id not in getattr(backend, _COLLECTIONS[prefix][0]):
        raise errors.not_found(_COLLECTIONS[prefix][1], [resource_id])
