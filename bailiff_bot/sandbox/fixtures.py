"""The users, channels, accounts and directory that the sandbox's Slack, Askbob and EC2 fleet share."""

from dataclasses import dataclass

TEAM_ID = "T0OCTO0001"
"""The id of the workspace."""
ENTERPRISE_ID = "E0OCTO0001"
"""The id of the Enterprise organization of users who are in one."""
PARTNER_TEAM_ID = "T0PARTNER1"
"""The id of another company's workspace; one channel is shared with it."""
BOT_USER_ID = "U0BAILIFF1"
DIGEST_CHANNEL = "cloud-costs"
TRIAGE_CHANNEL = "cloud-triage"

ADMINISTRATOR_ID = "U0BIL00007"
"""Billie, who is an administrator of Bailiff where a test or a person says so."""

OWN_ACCOUNT = "111122223333"
LAB_ACCOUNT = "444455556666"
LAB_ROLE_ARN = f"arn:aws:iam::{LAB_ACCOUNT}:role/bailiff-read"
EXTERNAL_ID = "bailiff-sandbox"
ACT_ROLE, DELETE_ROLE = "bailiff-act", "bailiff-delete"
"""The roles of both accounts that may stop, start and tag, and that may make images and terminate."""


def role_arn(account: str, role: str) -> str:
    """Return the ARN of a role."""
    return f"arn:aws:iam::{account}:role/{role}"


ACTION_ROLE_ARNS = tuple(role_arn(account, ACT_ROLE) for account in (OWN_ACCOUNT, LAB_ACCOUNT))
DELETE_ROLE_ARNS = tuple(role_arn(account, DELETE_ROLE) for account in (OWN_ACCOUNT, LAB_ACCOUNT))


@dataclass(frozen=True, slots=True)
class UserFixture:
    """A user of the workspace."""

    id: str
    name: str
    real_name: str
    email: str
    deactivated: bool = False
    guest: bool = False
    """A guest account (Slack's `is_restricted`)."""
    single_channel_guest: bool = False
    """A guest account for one channel (Slack's `is_restricted` and `is_ultra_restricted`)."""
    external: bool = False
    """A member of the partner's workspace. Slack's `is_stranger` is true only without a channel shared with the bot."""
    admin: bool = False
    bot: bool = False
    """Another app's bot."""
    email_confirmed: bool = True
    enterprise_teams: tuple[str, ...] = ()
    """The workspaces of the user in an Enterprise organization; empty: the user is in no organization."""
    tz: str = "Europe/Paris"
    tz_offset: int = 3600
    """Seconds from UTC."""


@dataclass(frozen=True, slots=True)
class ChannelFixture:
    """A channel of the workspace. All active users except guests and externals are members of each public channel."""

    id: str
    name: str
    private: bool = False
    shared: bool = False
    """Shared with the partner's workspace (Slack's `is_ext_shared`)."""
    bot_is_member: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryEntryFixture:
    """A row of Askbob's directory."""

    trigram: str
    email: str | None
    team: str


USERS = (
    UserFixture("U0AGR00001", "ada", "Ada Granger", "agr@octo.example"),
    UserFixture("U0ALB00002", "albert", "Albert Benoit", "alb@octo.example"),
    UserFixture("U0HRO00003", "hector", "Hector Romano", "hro@octo.example"),
    UserFixture("U0NABE0004", "nadia", "Nadia Bensaïd", "nabe@octo.example"),
    UserFixture("U0MLG00005", "malo", "Malo Legrand", "mlg@octo.example"),
    UserFixture("U0PADE0006", "paul", "Paul Adenot", "pade@octo.example", deactivated=True),
    UserFixture(ADMINISTRATOR_ID, "bill", "Billie Ledger", "bill@octo.example", admin=True),
    UserFixture("U0GUE00008", "gus", "Gus (freelance)", "gus@freelance.example", guest=True),
    UserFixture("U0STR00009", "sam", "Sam (Partner Inc.)", "sam@partner.example", external=True),
)
"""The users of the sandbox: colleagues, one who left (Paul), an admin (Bill), a guest (Gus), an external (Sam)."""

OTHER_USERS = (
    UserFixture("U0UMA00010", "uma", "Uma (one channel)", "uma@freelance.example", single_channel_guest=True),
    UserFixture("U0DEP00011", "deploy", "Deploy bot", "", bot=True),
    UserFixture("U0NEW00012", "noah", "Noah Weber", "new@octo.example", email_confirmed=False),
    UserFixture("U0GRI00013", "greta", "Greta Ivers", "gri@octo.example", enterprise_teams=(TEAM_ID, "T0OCTO0002")),
    UserFixture("U0TOK00014", "tomo", "Tomo Ishii", "tok@octo.example", tz="Asia/Tokyo", tz_offset=32400),
)
"""Further kinds of users, for tests: a guest of one channel, another app's bot, an unconfirmed address, a member
of an Enterprise organization, and another time zone."""

CHANNELS = (
    ChannelFixture("C0COSTS001", DIGEST_CHANNEL, bot_is_member=True),
    ChannelFixture("C0GENERAL2", "general"),
    ChannelFixture("C0PARTNER3", "with-partner", shared=True, bot_is_member=True),
    ChannelFixture("C0OPSPRIV4", "ops-private", private=True),
    ChannelFixture("C0TRIAGE05", TRIAGE_CHANNEL, bot_is_member=True),
)

DIRECTORY = (
    DirectoryEntryFixture("AGR", "agr@octo.example", "BDA"),
    DirectoryEntryFixture("ALB", "alb@octo.example", "BDA"),
    DirectoryEntryFixture("MLG", None, "BDA"),
    DirectoryEntryFixture("DUP", "dup.one@octo.example", "BDA"),
    DirectoryEntryFixture("HRO", "hro@octo.example", "SCALE"),
    DirectoryEntryFixture("NABE", "nabe@octo.example", "SCALE"),
    DirectoryEntryFixture("NCV", "ncv@octo.example", "SCALE"),
    DirectoryEntryFixture("PADE", "pade@octo.example", "SCALE"),
    DirectoryEntryFixture("DUP", "dup.two@octo.example", "SCALE"),
)
"""AGR is in the directory and in Slack; MLG has no address; NCV is not in Slack; PADE is deactivated in Slack; DUP
stands for two people; VLE left the company and is in neither."""
