"""The instances inside moto: created from the fixtures, and changed in ways that the API does not allow.

Launch times, reasons and attach times can only be set on moto's objects, so in the process of its server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.ec2.models import ec2_backends

from bailiff_bot.sandbox.aws.ec2.launching import launch
from bailiff_bot.sandbox.aws.instance_fixture import STATE_CODES, InstanceFixture, format_transition_time
from bailiff_bot.sandbox.aws.running import first_runs, record_start, record_stop, set_runs


@dataclass(frozen=True, slots=True)
class Ec2Instance:
    """The present state of an instance."""

    id: str
    account: str
    region: str
    name: str | None
    state: str
    launched: datetime
    reason: str


class MotoInstances:
    """The instances of all accounts. The state is moto's, which a process has once."""

    def __init__(self) -> None:
        self._ids_by_key: dict[str, str] = {}

    def clear(self) -> None:
        """Remove all state."""
        BackendDict.reset()
        reset_model_data()
        self._ids_by_key.clear()

    def add(self, fixture: InstanceFixture, now: datetime) -> str:
        """Create an instance and return its id."""
        backend = ec2_backends[fixture.account][fixture.region]
        instance = launch(backend, fixture)
        set_age(instance, fixture.launched_at(now), fixture.created_at(now))
        instance.sandbox_usage = fixture.usage
        if fixture.state == "terminated":
            instance.terminate()
        if fixture.state == "stopped":
            instance.stop()
        if fixture.state not in {"pending", "running"}:
            record_stop(instance, fixture.stopped_at(now))
        set_state(instance, fixture.state)
        set_reason(instance, fixture.reason_at(now))
        self._ids_by_key[fixture.key] = fixture.id
        return fixture.id

    def list_instances(self) -> tuple[Ec2Instance, ...]:
        """Return every instance, sorted by account, region and id."""
        rows = [_ec2_instance(account, region, instance) for account, region, instance in self._all()]
        return tuple(sorted(rows, key=lambda row: (row.account, row.region, row.id)))

    def find(self, handle: str) -> Any:
        """Return moto's object of the instance with this id, key or name. Raises LookupError unless one matches."""
        wanted = self._ids_by_key.get(handle, handle)
        found = [instance for _, _, instance in self._all() if wanted in {instance.id, _tags(instance).get("Name")}]
        if len(found) != 1:
            raise LookupError(f"{len(found)} instances are called {handle!r}, not one")
        return found[0]

    def is_empty(self, account: str, region: str) -> bool:
        """Return True if the region never had an instance. A direct call of moto would build the whole region."""
        return region not in ec2_backends[account].keys()  # noqa: SIM118 - moto's own `in` counts every region

    def backend(self, account: str, region: str) -> Any:
        """Return moto's object of EC2 in a region."""
        return ec2_backends[account][region]

    def in_region(self, account: str, region: str, instance_id: str) -> Any:
        """Return moto's object of an instance of a region; None if there is none."""
        if self.is_empty(account, region):
            return None
        return self.backend(account, region).get_instance_by_id(instance_id)

    def images(self) -> Iterator[Any]:
        """Yield moto's object of every image."""
        for _, regions in list(ec2_backends.items()):
            for backend in list(regions.values()):
                yield from list(backend.amis.values())

    def delete(self, handle: str) -> None:
        """Remove an instance, as EC2 does an hour after its termination."""
        instance = self.find(handle)
        for reservation_id, reservation in list(instance.ec2_backend.reservations.items()):
            if instance in reservation.instances:
                del instance.ec2_backend.reservations[reservation_id]

    def _all(self) -> Iterator[tuple[str, str, Any]]:
        for account, regions in list(ec2_backends.items()):
            for region, backend in list(regions.items()):
                for instance in backend.all_instances():
                    yield account, region, instance


def start(instance: Any, now: datetime) -> None:
    """Start an instance and set its launch time, which moto does not do."""
    instance.start()
    instance.launch_time = _naive(now)
    record_start(instance, now)


def stop(instance: Any, now: datetime) -> None:
    """Stop an instance at the given time."""
    instance.stop()
    set_reason(instance, user_initiated(now))
    record_stop(instance, now)


def user_initiated(now: datetime) -> str:
    """Return the `StateTransitionReason` of what a user does at the given time."""
    return f"User initiated ({format_transition_time(now)})"


def rename(instance: Any, name: str | None) -> None:
    """Set the Name tag of an instance; None removes it."""
    if name is None:
        instance.ec2_backend.delete_tags([instance.id], {"Name": None})
    else:
        instance.add_tags({"Name": name})


def set_reason(instance: Any, reason: str) -> None:
    """Set `StateTransitionReason`."""
    instance._reason = reason  # noqa: SLF001 - moto has no other way


def set_state(instance: Any, state: str) -> None:
    """Set the state of an instance, and nothing else of it."""
    instance._state.name, instance._state.code = state, STATE_CODES[state]  # noqa: SLF001 - moto has no other way


def set_age(instance: Any, launched: datetime, created: datetime) -> None:
    """Set when an instance was started, and when its volumes and interfaces were attached. It runs since."""
    instance.launch_time = _naive(launched)
    set_runs(instance, first_runs(created, launched))
    for device in instance.block_device_mapping.values():
        device.attach_time = _naive(created)
    for interface in instance.nics.values():
        interface.attach_time = _naive(created)


def _naive(time: datetime) -> datetime:
    """Return the time without its time zone: moto stores naive UTC times."""
    return time.replace(tzinfo=None)


def _ec2_instance(account: str, region: str, instance: Any) -> Ec2Instance:
    launched = instance.launch_time.replace(tzinfo=UTC)
    name = _tags(instance).get("Name")
    reason = instance._reason  # noqa: SLF001 - moto has no other way
    return Ec2Instance(instance.id, account, region, name, instance.state, launched, reason)


def _tags(instance: Any) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in instance.get_tags()}
