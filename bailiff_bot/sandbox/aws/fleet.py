"""The seeded fleet: it breaks every rule, and has every state and every known difficult name or tag.

The expected tables hold for the default thresholds, for `ALLOWED_REGIONS`, `OWNER_TAGS` and `EXEMPT_TAGS` below, and
for the complete directory of the fixtures. The bot may not read sa-east-1 of its own account. They hold without usage;
with usage, what is used does not break the rule on unused instances, and all else is the same.
"""

from datetime import timedelta

from bailiff_bot.sandbox.aws.instance_fixture import (
    RED_HAT,
    STOPPED_BY_AWS,
    STOPPED_BY_USER,
    WINDOWS,
    InstanceFixture,
    VolumeFixture,
)
from bailiff_bot.sandbox.aws.usage_patterns import UsagePattern
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT

ALLOWED_REGIONS = ("eu-west-1", "eu-west-3", "us-east-1")
OWNER_TAGS = ("Owner",)
EXEMPT_TAGS = ("bailiff:exempt",)
DENIED_REGIONS = ((OWN_ACCOUNT, "sa-east-1"),)
"""Accounts and regions in which the bot has no permission."""

LONG_UNICODE_NAME = ("alb-été 東京 🦀 " * 32)[:256]
"""The longest value that a tag allows: 256 characters."""

UNUSED, ABANDONED = "stopped-when-unused", "deleted-when-abandoned"


def _days(days: float) -> timedelta:
    return timedelta(days=days)


ADA_INSTANCES = (
    InstanceFixture(
        key="agr-notebook", name="agr-notebook", since_start=_days(2), usage=UsagePattern.IDLE, expected_table="legit"
    ),
    InstanceFixture(
        key="agr-gpu",
        name="agr-gpu-training",
        since_start=_days(200),
        type="p3.2xlarge",
        usage=UsagePattern.GPU,
        volumes=(VolumeFixture(size=100), VolumeFixture("/dev/sdf", 500, type="io1", iops=5000)),
        expected_table=UNUSED,
    ),
    InstanceFixture(
        key="agr-channel",
        name="agr-<!channel>",
        since_start=_days(45),
        region="eu-west-3",
        usage=UsagePattern.IDLE,
        expected_table=UNUSED,
    ),
    InstanceFixture(
        key="agr-1e3",
        name="agr-1e3",
        since_start=_days(25),
        region="us-east-1",
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(20),
        volumes=(VolumeFixture(size=100, type="gp2"),),
        expected_table=ABANDONED,
    ),
    InstanceFixture(
        key="agr-lab",
        name="agr-lab",
        since_start=_days(9),
        account=LAB_ACCOUNT,
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(3),
        expected_table="legit",
    ),
    InstanceFixture(
        key="agr-surf",
        name="agr surf",
        since_start=_days(0.25),
        region="ap-southeast-2",
        usage=UsagePattern.IDLE,
        expected_table="allowed-region",
    ),
    InstanceFixture(
        key="agr-batch",
        name="agr-batch",
        since_start=_days(100),
        state="stopping",
        reason=STOPPED_BY_USER,
        expected_table="legit",
    ),
)
HECTOR_INSTANCES = (
    InstanceFixture(
        key="hro-gateway",
        name="hro.gateway",
        since_start=_days(6),
        since_creation=_days(730),
        usage=UsagePattern.USED,
        expected_table="legit",
    ),
    InstanceFixture(
        key="hro-master",
        name="hro-master-1",
        since_start=_days(730),
        type="m5.4xlarge",
        tags=(("Schedule", "office-hours"),),
        has_public_address=True,
        usage=UsagePattern.IDLE,
        volumes=(VolumeFixture(size=30), VolumeFixture("/dev/sdf", 500, type="gp2")),
        expected_table=UNUSED,
    ),
    InstanceFixture(
        key="hro-retired",
        name="hro-retired",
        since_start=_days(300),
        state="stopped",
        reason=STOPPED_BY_AWS,
        since_stop=_days(90),
        volumes=(VolumeFixture(), VolumeFixture("/dev/sdf", 200, is_deleted_with_instance=False, type="gp2")),
        has_elastic_address=True,
        expected_table=ABANDONED,
    ),
    InstanceFixture(
        key="hro-link",
        name="hro <https://evil.example|click>",
        since_start=_days(31),
        region="us-east-1",
        usage=UsagePattern.QUIET,
        expected_table=UNUSED,
    ),
    InstanceFixture(
        key="hro-poc",
        name="hro-poc",
        since_start=_days(60),
        region="ap-southeast-2",
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(40),
        expected_table=ABANDONED,
        other_broken_rules=("allowed-region",),
    ),
    InstanceFixture(
        key="hro-lab",
        name="hro-lab",
        since_start=_days(10),
        account=LAB_ACCOUNT,
        region="us-east-1",
        usage=UsagePattern.QUIET,
        expected_table="legit",
    ),
    InstanceFixture(
        key="hro-spare",
        name="hro-spare",
        since_start=_days(20),
        region="sa-east-1",
        usage=UsagePattern.IDLE,
        expected_table="unread",
    ),
)
OTHER_INSTANCES = (
    InstanceFixture(
        key="alb-long", name=LONG_UNICODE_NAME, since_start=_days(60), usage=UsagePattern.LATE, expected_table=UNUSED
    ),
    # Stopped, and EC2 does not say when: it breaks no rule by age.
    InstanceFixture(
        key="alb-undated", name="ALB demo", since_start=_days(700), state="stopped", expected_table="legit"
    ),
    InstanceFixture(
        key="alb-failed",
        name="alb-failed",
        since_start=_days(150),
        region="eu-west-3",
        state="stopped",
        reason="Server.InternalError: Internal error on launch",
        expected_table="legit",
    ),
    InstanceFixture(
        key="alb-carnival",
        name="alb-carnival",
        since_start=_days(12),
        account=LAB_ACCOUNT,
        region="sa-east-1",
        usage=UsagePattern.IDLE,
        expected_table="allowed-region",
    ),
    InstanceFixture(
        key="nabe-api",
        name="nabe-api",
        since_start=_days(1),
        account=LAB_ACCOUNT,
        usage=UsagePattern.USED,
        expected_table="legit",
    ),
    InstanceFixture(key="nabe-new", name="NABE_new", since_start=_days(0.001), state="pending", expected_table="legit"),
    # In this order: no address in the directory, not in Slack, deactivated in Slack, two people, left the company.
    InstanceFixture(
        key="mlg-demo",
        name="MLG DEMO",
        since_start=_days(50),
        usage=UsagePattern.STOPPED_AT_NIGHT,
        operation=RED_HAT,
        expected_table=UNUSED,
    ),
    InstanceFixture(
        key="ncv-etl",
        name="ncv-etl",
        since_start=_days(80),
        region="eu-west-3",
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(33),
        volumes=(VolumeFixture(), VolumeFixture("/dev/sdf", 1000, type="st1")),
        expected_table=ABANDONED,
    ),
    InstanceFixture(
        key="pade-proto",
        name="PADE-proto",
        since_start=_days(35),
        region="us-east-1",
        usage=UsagePattern.IDLE,
        expected_table=UNUSED,
    ),
    InstanceFixture(
        key="dup-shared",
        name="dup-shared",
        since_start=_days(90),
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(30),
        volumes=(VolumeFixture(type="standard"), VolumeFixture("/dev/sdf", 500, type="sc1")),
        expected_table=ABANDONED,
    ),
    InstanceFixture(
        key="vle-prisma",
        name="VLE-Test-Prisma",
        since_start=_days(300),
        usage=UsagePattern.QUIET,
        operation=WINDOWS,
        volumes=(VolumeFixture(size=50),),
        expected_table="known-owner",
        other_broken_rules=(UNUSED,),
    ),
)
OWNERLESS_INSTANCES = (
    InstanceFixture(key="untagged", name=None, since_start=_days(12), usage=UsagePattern.IDLE, expected_table="named"),
    InstanceFixture(
        key="blank",
        name="   ",
        since_start=_days(75),
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(70),
        expected_table="named",
        other_broken_rules=(ABANDONED,),
    ),
    InstanceFixture(
        key="tagged-identifier",
        name=None,
        since_start=_days(4),
        tags=(("Owner", "agr"),),
        usage=UsagePattern.QUIET,
        expected_table="named",
    ),
    InstanceFixture(key="fresh", name=None, since_start=_days(0.08), region="us-east-1", expected_table="legit"),
    InstanceFixture(
        key="tagged-address",
        name="workernode",
        since_start=_days(33),
        tags=(("Owner", "hro@octo.example"),),
        usage=UsagePattern.QUIET,
        volumes=(VolumeFixture(), VolumeFixture("/dev/sdf", 200, type="io2", iops=3000)),
        expected_table="owned",
        other_broken_rules=(UNUSED,),
    ),
    InstanceFixture(
        key="prod-db",
        name="prod-db",
        since_start=_days(500),
        type="r5.xlarge",
        usage=UsagePattern.USED,
        volumes=(VolumeFixture(size=30), VolumeFixture("/dev/sdf", 500, iops=6000, throughput=250)),
        expected_table="owned",
        other_broken_rules=(UNUSED,),
    ),
    InstanceFixture(
        key="number",
        name="1e3",
        since_start=_days(8),
        region="eu-west-3",
        usage=UsagePattern.FILE_SERVER,
        tenancy="dedicated",
        expected_table="owned",
    ),
    InstanceFixture(
        key="backticks",
        name="```rm -rf``` <!channel> <@U0HRO00003>",
        since_start=_days(3),
        usage=UsagePattern.IDLE,
        expected_table="owned",
    ),
    InstanceFixture(
        key="formula",
        name='=HYPERLINK("https://evil.example","click")',
        since_start=_days(44),
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=_days(16),
        expected_table="owned",
        other_broken_rules=(ABANDONED,),
    ),
    InstanceFixture(
        key="licences",
        name="licence-server",
        since_start=_days(600),
        tags=(("bailiff:exempt", "licences are bound to it"),),
        usage=UsagePattern.USED,
        expected_table="exempt",
    ),
    InstanceFixture(
        key="leaving",
        name=None,
        since_start=_days(40),
        state="shutting-down",
        reason=STOPPED_BY_USER,
        expected_table="absent",
    ),
    InstanceFixture(
        key="gone",
        name="temp",
        since_start=_days(41),
        state="terminated",
        reason=STOPPED_BY_USER,
        expected_table="absent",
    ),
)
MANAGED_INSTANCES = tuple(
    InstanceFixture(
        key=f"asg-{number}",
        name="alb-workers",
        since_start=age,
        type="c5.large",
        tags=(("aws:autoscaling:groupName", "alb-workers"),),
        usage=UsagePattern.QUIET,
        expected_table="managed",
    )
    for number, age in enumerate((_days(45), _days(10), _days(0.125)), 1)
) + tuple(
    InstanceFixture(
        key=f"eks-{number}",
        name="platform-node",
        since_start=age,
        account=LAB_ACCOUNT,
        region="us-east-1",
        type="m5.large",
        tags=(("eks:cluster-name", "platform"), ("kubernetes.io/cluster/platform", "owned")),
        usage=UsagePattern.USED,
        expected_table="managed",
    )
    for number, age in enumerate((_days(5), _days(1)), 1)
)
"""The auto-scaling group belongs to ALB, and its oldest node has run for 45 days. The EKS cluster has no owner."""

FLEET = ADA_INSTANCES + HECTOR_INSTANCES + OTHER_INSTANCES + OWNERLESS_INSTANCES + MANAGED_INSTANCES
