"""Builders of instances, reports and random fleets, with names as hostile as AWS allows."""

import os
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import NO_DIRECTORY, People, people_from_entries
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.owner import NoOwner, Owner, OwnersByAddress, owner_addresses
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, Row, Table, judge
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.usage_figures import HOURS_A_DAY, DayFigures, UsageFigures, usage_days

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OWN_ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
IRELAND = Target(OWN_ACCOUNT, "eu-west-1")
PARIS = Target(OWN_ACCOUNT, "eu-west-3")
VIRGINIA = Target(OTHER_ACCOUNT, "us-east-1")
ASG = "aws:autoscaling:groupName"
DEFAULT_POLICY = Policy()
DIRECTORY = people_from_entries(
    [
        ("AGR", "agr@octo.example"),
        ("MLG", "mlg@octo.example"),
        ("PADE", "pade@octo.example"),
        ("NOA", None),
        ("DUO", "one@octo.example"),
        ("DUO", "two@octo.example"),
    ]
)


def days_ago(count: float) -> datetime:
    """Return the instant `count` days before `NOW`."""
    return NOW - timedelta(days=count)


def instance(  # noqa: PLR0913 - one for each field of an instance
    number: int = 1,
    name: str | None = "AGR-box",
    *,
    target: Target = IRELAND,
    state: InstanceState = InstanceState.RUNNING,
    age: float = 2,
    stopped: float | None = None,
    tags: Mapping[str, str] | None = None,
    instance_type: str = "t3.micro",
) -> Instance:
    """Return an instance. By default it breaks no rule. `age` and `stopped` are days."""
    named = {} if name is None else {"Name": name}
    return Instance(
        id=f"i-{number:017x}",
        target=target,
        type=instance_type,
        state=InstanceState.STOPPED if stopped is not None else state,
        launched_at=days_ago(age),
        transitioned_at=None if stopped is None else days_ago(stopped),
        tags={**named, **(tags or {})},
    )


def inventory(instances: Iterable[Instance], unread: Iterable[Gap] = (), read: Iterable[Target] = ()) -> Inventory:
    """Return the inventory of a scan four minutes ago. By default the target of each instance was read."""
    found = tuple(instances)
    targets = {IRELAND, *(one.target for one in found), *read} if not read else set(read)
    return Inventory(found, tuple(sorted(targets)), tuple(unread), NOW - timedelta(minutes=4))


def report(
    *instances: Instance,
    people: People = DIRECTORY,
    policy: Policy = DEFAULT_POLICY,
    unread: Iterable[Gap] = (),
    gaps: Iterable[Gap] = (),
) -> Report:
    """Return the report of an inventory with these instances. `gaps` are those of other sources, such as counts."""
    return judge(Snapshot(inventory(instances, unread), people, tuple(gaps)), policy, NOW)


def count_gaps(*reasons: str) -> tuple[Gap, ...]:
    """Return the gaps of counts that are not plausible for these reasons."""
    return tuple(Gap(GapSource.COUNT, None, reason) for reason in reasons)


def reasons(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """Return the reasons of gaps."""
    return tuple(gap.reason for gap in gaps)


def part_of(report: Report, predicate: Callable[[Row], bool]) -> Report:
    """Return a report with only the rows for which `predicate` is true."""
    return replace(report, tables=tuple(Table(one.id, tuple(filter(predicate, one.rows))) for one in report.tables))


def cost(
    compute: float = 0, volumes: float = 0, addresses: float = 0, *, not_priced: Iterable[CostPart] = (), **fields: Any
) -> Cost:
    """Return a cost of so many dollars a month."""
    amounts = [Decimal(str(one)) for one in (compute, volumes, addresses)]
    return Cost(amounts[0], amounts[1], amounts[2], frozenset(not_priced), **fields)


def with_costs(report: Report, costs: Mapping[int, Cost]) -> Report:
    """Return a report with the costs of its flagged rows, by the numbers of instances. The others are not priced."""
    by_id = {f"i-{number:017x}": cost for number, cost in costs.items()}
    unpriced = Cost(not_priced=frozenset(CostPart))

    def priced(row: Row) -> Row:
        return replace(row, cost=by_id.get(row.instance.id, unpriced)) if row.findings else row

    tables = (Table(one.id, tuple(map(priced, one.rows))) for one in report.tables)
    return replace(report, tables=tuple(tables), has_costs=True)


def with_usage(found: Instance, cpu: float = 1, network_mb: float = 1) -> Instance:
    """Return an instance with the same figures for each of the last 14 days: by default it is idle, above 5 quiet."""
    figures = DayFigures(cpu, cpu, network_mb / 2, network_mb / 2, HOURS_A_DAY)
    return replace(found, usage=UsageFigures(NOW, dict.fromkeys(usage_days(14, NOW), figures)))


def ids(report: Report, table: str) -> list[str]:
    """Return the ids of a table's rows, without `i-` and leading zeros."""
    [found] = [one for one in report.tables if one.id == table]
    return [short_id(row.instance) for row in found.rows]


def short_id(instance: Instance) -> str:
    return instance.id.removeprefix("i-").lstrip("0")


HOSTILE_TEXTS = (
    *("<!channel>", "<!here>", "<@U1>", "<#C1|general>", "<!subteam^S1>", "<!date^1^{date}|x>", "@here", "@channel"),
    *("<https://evil.example|click>", "https://evil.example", "mailto:a@b.example", "[a](https://evil.example)"),
    *("```", "`", "*b*", "_i_", "~s~", ":smile:", ":+1:", "> quote", "&lt;", "&amp;", "&#60;", "<", ">", "&"),
    *("1e3", "12_000", "0x10", "nan", "inf", "1,000", "-0", "=1+1", "+1", "-1", "@SUM(A1)", '"', ",", ";", "|", "'"),
    *(
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\v",
        "\x00",
        "\x85",
        "\u2028",
        "\u2029",
        "\x1b[31m",
        "\x1b]8;;https://evil.example\x07",
    ),
    *("\u202e", "\u202d", "\u2066", "\u2069", "\u200e", "\u200f", "\ufeff", "\u200b", "\u00a0"),
    *(
        "é",
        "e\u0301",
        "日本語",
        "👩‍👩‍👧",
        "🇫🇷",
        "ﷺ",
        " ",
        "  ",
        "",
        "-",
        "AGR-",
        "agr_",
        "mlg2",
        "prod-",
        "x" * 256,
        "😀" * 128,
    ),
)
"""Parts of random names, besides the texts that Hypothesis draws."""


EXAMPLES_DIVISOR = int(os.environ.get("EXAMPLES_DIVISOR", "1"))
"""`make test-fast` runs one of so many random examples; every other run has them all."""


def scaled(examples: int) -> int:
    """Return how many random examples this run has of so many."""
    return max(1, examples // EXAMPLES_DIVISOR)


def example_count(examples: int) -> settings:
    """Return settings for `examples` examples, without shrinking: a fleet depends on a seed, so it finds nothing."""
    return settings(max_examples=scaled(examples), phases=[Phase.explicit, Phase.generate])


@dataclass(frozen=True, repr=False)
class Fleet:
    """An inventory, its people and owners, and its report."""

    inventory: Inventory
    people: People
    report: Report
    owners: OwnersByAddress

    def __repr__(self) -> str:
        """Return the names alone: the whole fleet would fill pages."""
        return f"Fleet({[one.name for one in self.inventory.instances]!a:.2000})"


@st.composite
def names(draw: st.DrawFn, count: int) -> list[str]:
    """`count` names of at most 256 characters, as AWS allows."""
    drawn = draw(st.lists(st.text(max_size=40), min_size=8, max_size=16))
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - examples, not secrets
    pool = (*HOSTILE_TEXTS, *drawn)
    return ["".join(chance.choices(pool, k=chance.randint(1, 4)))[:256] for _ in range(count)]


@st.composite
def fleets(draw: st.DrawFn, count: int) -> Fleet:
    """Fleets with hostile names, tags, controllers, identifiers and people."""
    drawn_names = draw(names(count))
    chance = random.Random(draw(st.integers(0, 2**32)))  # noqa: S311 - examples, not secrets
    found = inventory(
        [_random_instance(number, name, drawn_names, chance) for number, name in enumerate(drawn_names, 1)],
        [unread_gap(Target(OTHER_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)] if chance.random() < 0.5 else [],
    )
    people = chance.choice(
        [DIRECTORY, NO_DIRECTORY, people_from_entries([("AGR", "agr@octo.example")], gaps=["Askbob is down"])]
    )
    policy = Policy(allowed_regions=frozenset(chance.choice([(), ("eu-west-1",)])))
    judged = judge(Snapshot(found, people), policy, NOW)
    owners: dict[str, Owner | NoOwner] = {
        address: Owner(f"U{number:04}", chance.choice(drawn_names))
        if chance.random() < 0.7
        else NoOwner("a guest in Slack")
        for number, address in enumerate(sorted(owner_addresses(judged)))
    }
    return Fleet(found, people, judged, owners)


def _random_instance(number: int, name: str, drawn_names: list[str], chance: random.Random) -> Instance:
    prefix = chance.choice(["", "", "", "AGR-", "mlg_", "NOA ", "duo-", "ZZZ-"])
    tags = {
        key: value
        for key, value in {
            ASG: chance.choice(drawn_names[:5]),
            "kubernetes.io/cluster/" + chance.choice(drawn_names[:3]): "owned",
            "Owner": chance.choice(
                ["agr", "MLG/duo, agr", "duo", chance.choice(drawn_names), _address(chance.choice(drawn_names))]
            ),
            "bailiff:exempt": "",
        }.items()
        if chance.random() < 0.15
    }
    state = chance.choice([InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.PENDING])
    return instance(
        number,
        None if chance.random() < 0.1 else (prefix + name)[:256],
        target=chance.choice([IRELAND, PARIS, VIRGINIA]),
        state=state,
        age=chance.choice([0.1, 2, 40, 400]),
        stopped=chance.choice([None, 20]) if state is InstanceState.STOPPED else None,
        tags=tags,
    )


def _address(name: str) -> str:
    return f"{''.join(letter for letter in name if not letter.isspace() and letter not in '@<>|')[:100]}@octo.example"
