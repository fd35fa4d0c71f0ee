"""EC2's refusals of what is not possible, with its codes and texts.

From https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html; texts as people report them.
"""

from bailiff_bot.sandbox.aws.errors import AwsApiError

_SUBJECTS = {
    "InstanceID": "instance",
    "AMIID": "image",
    "Snapshot": "snapshot",
    "Volume": "volume",
    "SpotInstanceRequestID": "spot instance request",
}


def not_found(kind: str, ids: list[str]) -> AwsApiError:
    """Return the error for resources that do not exist. Arguments: `InstanceID` or the like; their ids."""
    noun, verb = ("ID", "does") if len(ids) == 1 else ("IDs", "do")
    message = f"The {_SUBJECTS[kind]} {noun} '{', '.join(ids)}' {verb} not exist"
    return AwsApiError(f"Invalid{kind}.NotFound", message)


def malformed_instance(instance_id: str) -> AwsApiError:
    """Return the error for what is no instance id."""
    return AwsApiError("InvalidInstanceID.Malformed", f'Invalid id: "{instance_id}"')


def wrong_state(instance_id: str, participle: str) -> AwsApiError:
    """Return the error for a state from which an instance cannot be `stopped` or `started`."""
    message = f"This instance '{instance_id}' is not in a state from which it can be {participle}."
    return AwsApiError("IncorrectInstanceState", message)


def protected(instance_id: str, participle: str, attribute: str) -> AwsApiError:
    """Return the error for an instance with a protection."""
    message = f"The instance '{instance_id}' may not be {participle}. Modify its '{attribute}' instance attribute "
    return AwsApiError("OperationNotPermitted", message + "and try again.")


def one_time_spot(instance_id: str) -> AwsApiError:
    """Return the error for stopping a spot instance that cannot be started again."""
    message = (
        f"You can't stop the Spot Instance '{instance_id}' because it is associated with a one-time Spot Instance "
        "request. You can only stop Spot Instances associated with persistent Spot Instance requests."
    )
    return AwsApiError("UnsupportedOperation", message)


def instance_store(instance_id: str) -> AwsApiError:
    """Return the error for stopping an instance whose root device would be lost."""
    message = f"The instance '{instance_id}' does not have an 'ebs' root device type and cannot be stopped."
    return AwsApiError("UnsupportedOperation", message)


def dry_run() -> AwsApiError:
    """Return the error that answers a call with DryRun that the caller may make."""
    return AwsApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def malformed_image_name() -> AwsApiError:
    """Return the error for a name that an image cannot have."""
    message = (
        "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', "
        "'/' and '_'"
    )
    return AwsApiError("InvalidAMIName.Malformed", message)
