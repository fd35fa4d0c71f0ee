"""moto's classes with what they do not say as EC2 does. An object of moto gets such a class once it is made."""

from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.spot_requests import SpotInstanceRequest


class SandboxInterface(NetworkInterface):
    """A network interface that says whose its public address is: moto takes each for an Elastic IP."""

    @property
    def association(self) -> dict[str, Any]:
        """The association of the public address; one that is no Elastic IP belongs to `amazon`."""
        association: dict[str, Any] = super().association
        if association and "allocationId" not in association:
            association["ipOwnerId"] = "amazon"
        return association


class SandboxSpotRequest(SpotInstanceRequest):
    """A spot request that can be found by its instance."""

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        """Return the value that a filter of DescribeSpotInstanceRequests compares."""
        if filter_name == "instance-id":
            return self.instance.id
        return super().get_filter_value(filter_name, method_name)


class SandboxImage(Ami):
    """An image with the volumes of its instance: moto's has one of 15 GiB."""

    volumes: tuple[tuple[str, int], ...] = ()
    """Device and GiB of each."""

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        """The volumes. Snapshots have ids once the image is available."""
        snapshot = {"SnapshotId": self.ebs_snapshot.id} if self.state == "available" else {}
        return [
            {
                "DeviceName": device,
                "Ebs": {"VolumeSize": size, "VolumeType": "gp3", "DeleteOnTermination": True, **snapshot},
            }
            for device, size in self.volumes
        ]
