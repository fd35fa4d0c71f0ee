"""The users, channels, accounts and directory that the sandbox's Slack, Askbob and EC2 fleet share."""

from dataclasses import dataclass

TEAM_ID = "T0OCTO0001"
"""The id of the workspace."""
PARTNER_TEAM_ID = "T0PARTNER1"
"""The id of another company's workspace; one channel is shared with it."""
BOT_USER_ID = "U0BAILIFF1"
DIGEST_CHANNEL = "cloud-costs"

OWN_ACCOUNT = "111122223333"
LAB_ACCOUNT = "444455556666"
LAB_ROLE_ARN = f"arn:aws:iam::{LAB_ACCOUNT}:role/bailiff-read"
EXTERNAL_ID = "bailiff-sandbox"


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
    stranger: bool = False
    """A member of the partner's workspace, visible through the shared channel (Slack's `is_stranger`)."""
    admin: bool = False


@dataclass(frozen=True, slots=True)
class ChannelFixture:
    """A channel of the workspace. All active users except guests and strangers are members of each public channel."""

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
    UserFixture("U0BIL00007", "bill", "Billie Ledger", "bill@octo.example", admin=True),
    UserFixture("U0GUE00008", "gus", "Gus (freelance)", "gus@freelance.example", guest=True),
    UserFixture("U0STR00009", "sam", "Sam (Partner Inc.)", "sam@partner.example", stranger=True),
)

CHANNELS = (
    ChannelFixture("C0COSTS001", DIGEST_CHANNEL, bot_is_member=True),
    ChannelFixture("C0GENERAL2", "general"),
    ChannelFixture("C0PARTNER3", "with-partner", shared=True, bot_is_member=True),
    ChannelFixture("C0OPSPRIV4", "ops-private", private=True),
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
