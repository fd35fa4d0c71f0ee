"""What tests and the page set on what the sandbox's AWS says of costs and usage."""

from bailiff_bot.sandbox.aws.cloudwatch.service import CloudWatch
from bailiff_bot.sandbox.aws.cloudwatch.values import MeteredInstance
from bailiff_bot.sandbox.aws.ec2.service import Ec2Service
from bailiff_bot.sandbox.aws.moto_instances import MotoInstances
from bailiff_bot.sandbox.aws.pricing.service import PriceList
from bailiff_bot.sandbox.aws.running import runs_of
from bailiff_bot.sandbox.aws.usage_patterns import UsagePattern


class EvidenceControls:
    """Changes what CloudWatch and the Price List say. `handle` is the id of an instance, its key, or its name."""

    _ec2: Ec2Service
    _instances: MotoInstances
    _price_list: PriceList
    _cloudwatch: CloudWatch

    def expire_price_list_pages(self) -> None:
        """Let every token of a page of GetProducts expire that was given so far."""
        self._price_list.expire_pages()

    def set_metric_page_size(self, values: int) -> None:
        """Set how many values GetMetricData returns at most; the others are on further pages."""
        self._cloudwatch.page_size = values

    def set_usage(self, handle: str, pattern: str) -> None:
        """Set how an instance is used, now and in the past. Raises ValueError for an unknown pattern, LookupError."""
        with self._ec2.lock:
            self._instances.find(handle).sandbox_usage = UsagePattern(pattern)

    def usage(self, handle: str) -> UsagePattern:
        """Return how an instance is used. Raises LookupError."""
        with self._ec2.lock:
            return _pattern(self._instances.find(handle))

    def _metered_instance(self, account: str, region: str, instance_id: str) -> MeteredInstance | None:
        """Return an instance as CloudWatch knows it; None if there is none."""
        with self._ec2.lock:
            instance = self._instances.in_region(account, region, instance_id)
            return MeteredInstance(instance_id, _pattern(instance), runs_of(instance)) if instance else None


def _pattern(instance: object) -> UsagePattern:
    pattern: UsagePattern = getattr(instance, "sandbox_usage", UsagePattern.NONE)
    return pattern
