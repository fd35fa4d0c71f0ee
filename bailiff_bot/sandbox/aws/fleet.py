"""The seeded fleet: every rule broken by something, every state, and every trap a name or a tag has set so far.

The verdicts hold for the default thresholds with `ALLOWED_REGIONS`, `OWNER_TAGS` and `EXEMPT_TAGS` below and the whole
directory of the cast. The bot may not look into sa-east-1 of its own account.
"""

from datetime import timedelta

from bailiff_bot.sandbox.aws.instance_fixture import BY_AWS, BY_USER, Machine
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT

ALLOWED_REGIONS = ("eu-west-1", "eu-west-3", "us-east-1")
OWNER_TAGS = ("Owner",)
EXEMPT_TAGS = ("bailiff:exempt",)
DENIED = ((OWN_ACCOUNT, "sa-east-1"),)
"""Accounts and regions in which the bot has no permission."""

LONG_UNICODE_NAME = ("alb-été 東京 🦀 " * 32)[:256]
"""As long as a tag may be."""

UNUSED, ABANDONED = "stopped-when-unused", "deleted-when-abandoned"


def _days(days: float) -> timedelta:
    return timedelta(days=days)


ADA = (
    Machine(key="agr-notebook", name="agr-notebook", up=_days(2), verdict="legit"),
    Machine(key="agr-gpu", name="agr-gpu-training", up=_days(200), type="p3.2xlarge", verdict=UNUSED),
    Machine(key="agr-channel", name="agr-<!channel>", up=_days(45), region="eu-west-3", verdict=UNUSED),
    Machine(
        key="agr-1e3",
        name="agr-1e3",
        up=_days(25),
        region="us-east-1",
        state="stopped",
        reason=BY_USER,
        stopped=_days(20),
        verdict=ABANDONED,
    ),
    Machine(
        key="agr-lab",
        name="agr-lab",
        up=_days(9),
        account=LAB_ACCOUNT,
        state="stopped",
        reason=BY_USER,
        stopped=_days(3),
        verdict="legit",
    ),
    Machine(key="agr-surf", name="agr surf", up=_days(0.25), region="ap-southeast-2", verdict="allowed-region"),
    Machine(key="agr-batch", name="agr-batch", up=_days(100), state="stopping", reason=BY_USER, verdict="legit"),
)
HECTOR = (
    Machine(key="hro-gateway", name="hro.gateway", up=_days(6), created=_days(730), verdict="legit"),
    Machine(key="hro-master", name="hro-master-1", up=_days(730), type="m5.4xlarge", verdict=UNUSED),
    Machine(
        key="hro-retired",
        name="hro-retired",
        up=_days(300),
        state="stopped",
        reason=BY_AWS,
        stopped=_days(90),
        verdict=ABANDONED,
    ),
    Machine(
        key="hro-link",
        name="hro <https://evil.example|click>",
        up=_days(31),
        region="us-east-1",
        verdict=UNUSED,
    ),
    Machine(
        key="hro-poc",
        name="hro-poc",
        up=_days(60),
        region="ap-southeast-2",
        state="stopped",
        reason=BY_USER,
        stopped=_days(40),
        verdict=ABANDONED,
        also=("allowed-region",),
    ),
    Machine(key="hro-lab", name="hro-lab", up=_days(10), account=LAB_ACCOUNT, region="us-east-1", verdict="legit"),
    Machine(key="hro-spare", name="hro-spare", up=_days(20), region="sa-east-1", verdict="unread"),
)
OTHERS = (
    Machine(key="alb-long", name=LONG_UNICODE_NAME, up=_days(60), verdict=UNUSED),
    # stopped, and EC2 does not say when: accused of nothing by age
    Machine(key="alb-undated", name="ALB demo", up=_days(700), state="stopped", verdict="legit"),
    Machine(
        key="alb-failed",
        name="alb-failed",
        up=_days(150),
        region="eu-west-3",
        state="stopped",
        reason="Server.InternalError: Internal error on launch",
        verdict="legit",
    ),
    Machine(
        key="alb-carnival",
        name="alb-carnival",
        up=_days(12),
        account=LAB_ACCOUNT,
        region="sa-east-1",
        verdict="allowed-region",
    ),
    Machine(key="nabe-api", name="nabe-api", up=_days(1), account=LAB_ACCOUNT, verdict="legit"),
    Machine(key="nabe-new", name="NABE_new", up=_days(0.001), state="pending", verdict="legit"),
    # no address in the directory, not in Slack, deactivated there, two people, gone
    Machine(key="mlg-demo", name="MLG DEMO", up=_days(50), verdict=UNUSED),
    Machine(
        key="ncv-etl",
        name="ncv-etl",
        up=_days(80),
        region="eu-west-3",
        state="stopped",
        reason=BY_USER,
        stopped=_days(33),
        verdict=ABANDONED,
    ),
    Machine(key="pade-proto", name="PADE-proto", up=_days(35), region="us-east-1", verdict=UNUSED),
    Machine(
        key="dup-shared",
        name="dup-shared",
        up=_days(90),
        state="stopped",
        reason=BY_USER,
        stopped=_days(30),
        verdict=ABANDONED,
    ),
    Machine(key="vle-prisma", name="VLE-Test-Prisma", up=_days(300), verdict="known-owner", also=(UNUSED,)),
)
NOBODYS = (
    Machine(key="untagged", name=None, up=_days(12), verdict="named"),
    Machine(
        key="blank",
        name="   ",
        up=_days(75),
        state="stopped",
        reason=BY_USER,
        stopped=_days(70),
        verdict="named",
        also=(ABANDONED,),
    ),
    Machine(key="tagged-identifier", name=None, up=_days(4), tags=(("Owner", "agr"),), verdict="named"),
    Machine(key="fresh", name=None, up=_days(0.08), region="us-east-1", verdict="legit"),
    Machine(
        key="tagged-address",
        name="workernode",
        up=_days(33),
        tags=(("Owner", "hro@octo.example"),),
        verdict="owned",
        also=(UNUSED,),
    ),
    Machine(key="prod-db", name="prod-db", up=_days(500), type="r5.xlarge", verdict="owned", also=(UNUSED,)),
    Machine(key="number", name="1e3", up=_days(8), region="eu-west-3", verdict="owned"),
    Machine(key="backticks", name="```rm -rf``` <!channel> <@U0HRO00003>", up=_days(3), verdict="owned"),
    Machine(
        key="formula",
        name='=HYPERLINK("https://evil.example","click")',
        up=_days(44),
        state="stopped",
        reason=BY_USER,
        stopped=_days(16),
        verdict="owned",
        also=(ABANDONED,),
    ),
    Machine(
        key="licences",
        name="licence-server",
        up=_days(600),
        tags=(("bailiff:exempt", "licences are bound to it"),),
        verdict="exempt",
    ),
    Machine(key="leaving", name=None, up=_days(40), state="shutting-down", reason=BY_USER, verdict="absent"),
    Machine(key="gone", name="temp", up=_days(41), state="terminated", reason=BY_USER, verdict="absent"),
)
MANAGED = tuple(
    Machine(
        key=f"asg-{number}",
        name="alb-workers",
        up=up,
        type="c5.large",
        tags=(("aws:autoscaling:groupName", "alb-workers"),),
        verdict="managed",
    )
    for number, up in enumerate((_days(45), _days(10), _days(0.125)), 1)
) + tuple(
    Machine(
        key=f"eks-{number}",
        name="platform-node",
        up=up,
        account=LAB_ACCOUNT,
        region="us-east-1",
        type="m5.large",
        tags=(("eks:cluster-name", "platform"), ("kubernetes.io/cluster/platform", "owned")),
        verdict="managed",
    )
    for number, up in enumerate((_days(5), _days(1)), 1)
)
"""The auto-scaling group is ALB's and its oldest node runs for 45 days; the EKS cluster's name is nobody's."""

FLEET = ADA + HECTOR + OTHERS + NOBODYS + MANAGED
