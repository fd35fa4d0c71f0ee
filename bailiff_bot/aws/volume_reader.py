"""Reads EBS volumes, in all targets beside each other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from operator import itemgetter
from time import monotonic
from typing import Any

from bailiff_bot.aws.access import Access, Limits, role_access
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.pools import cancelling_pool, completed_before
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.aws.volume_calls import TargetVolumes, read_volumes, volumes_gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.volume import VolumesRead


class VolumeReader:
    """Reads volumes with the roles of the scan, each a role's ARN, and the external id that they demand.

    Arguments: as of AwsScanner. Raises SettingsError for a malformed ARN.
    """

    def __init__(
        self,
        role_arns: Iterable[str] = (),
        external_id: str | None = None,
        executor: Executor | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
    ) -> None:
        roles = [role_access(arn, external_id) for arn in role_arns]
        self._role_by_account = {role.account: role for role in reversed(roles)}  # the first one counts
        self._executor = executor
        self._limits = replace(limits, target_deadline=min(limits.target_deadline, limits.scan_deadline))

    def read(self, wanted: Mapping[Target, Collection[str]]) -> VolumesRead:
        """Return the volumes with these ids, and a gap for each target of which not all could be read.

        Raises nothing for a failure of AWS, the network or the credentials.
        """
        deadline = monotonic() + self._limits.scan_deadline
        with cancelling_pool(self._executor) as submit:
            reading: dict[Future[Any], Target] = {
                submit(read_volumes, self._access(target), target, sorted(ids), self._limits): target
                for target, ids in wanted.items()
                if ids
            }
            results = [(reading.pop(done), done.result()) for done in completed_before(tuple(reading), deadline)]
        SESSIONS.close_connections()
        return _read([*results, *((target, self._timed_out(target)) for target in reading.values())])

    def _timed_out(self, target: Target) -> TargetVolumes:
        late = Unreadable(UnreadReason.TIMED_OUT, f"volumes not read after {self._limits.scan_deadline:g} s")
        return TargetVolumes(gap=volumes_gap(target, late))

    def _access(self, target: Target) -> Access:
        """Return how the account of a target is read: with its role, else with the bot's own credentials."""
        return self._role_by_account.get(target.account) or Access(target.account, target.partition)


def _read(results: Iterable[tuple[Target, TargetVolumes]]) -> VolumesRead:
    ordered: Sequence[TargetVolumes] = [found for _, found in sorted(results, key=itemgetter(0))]
    volumes = {volume.id: volume for found in ordered for volume in found.volumes}
    return VolumesRead(volumes, tuple(found.gap for found in ordered if found.gap))
