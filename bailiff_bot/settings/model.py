"""The settings, frozen and validated. Every environment variable that Bailiff reads is declared here."""

import re
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from bailiff_bot.domain.managed_tags import managed_tags
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.role_arn import ROLE_ARN
from bailiff_bot.errors import SettingsError
from bailiff_bot.settings.acting import ActingSettings
from bailiff_bot.settings.evidence import EvidenceSettings
from bailiff_bot.settings.lists import SEPARATORS, PhraseList, WordList, all_match

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")
_DEFAULT = Policy()


class Settings(ActingSettings, EvidenceSettings):
    """All settings. The alias of each field is its environment variable."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN", description="the bot's token, `xoxb-...`")
    slack_app_token: SecretStr | None = Field(
        None, alias="SLACK_APP_TOKEN", description="the app-level token for Socket Mode, `xapp-...`"
    )
    slack_api_url: str = Field(
        "https://slack.com/api/",
        alias="SLACK_API_URL",
        description="the address of Slack's Web API; another one for tests",
    )

    askbob_url: str | None = Field(None, alias="ASKBOB_URL", description="the address of Askbob, the people directory")
    askbob_client_id: str | None = Field(None, alias="ASKBOB_CLIENT_ID", description="the id of Askbob's OAuth client")
    askbob_client_secret: SecretStr | None = Field(
        None, alias="ASKBOB_CLIENT_SECRET", description="the secret of Askbob's OAuth client"
    )
    askbob_teams: PhraseList = Field((), alias="ASKBOB_TEAMS", description="code names of Askbob's teams; empty: all")
    people_csv: Path | None = Field(
        None, alias="BAILIFF_PEOPLE_CSV", description="a file with the columns `trigram,email`, instead of Askbob"
    )

    role_arns: WordList = Field((), alias="BAILIFF_ROLE_ARNS", description="the role to assume in each further account")
    external_id: str | None = Field(None, alias="BAILIFF_EXTERNAL_ID", description="the external id for these roles")
    regions: WordList = Field(
        ("all",), alias="BAILIFF_REGIONS", description="the regions to read; `all`: all that the account has enabled"
    )
    expected_unread: WordList = Field(
        _DEFAULT.expected_unread,
        alias="BAILIFF_EXPECTED_UNREAD",
        description="closed targets, shown without alarm: `region`, `account` or `account/region`, with `*`",
    )
    scan_threads: int = Field(
        32, alias="BAILIFF_SCAN_THREADS", ge=1, le=256, description="targets read at the same time"
    )
    target_deadline: int = Field(
        60,
        alias="BAILIFF_TARGET_DEADLINE",
        ge=1,
        le=3600,
        description="seconds for one target; after them it counts as unread",
    )
    scan_deadline: int = Field(
        300,
        alias="BAILIFF_SCAN_DEADLINE",
        ge=1,
        le=7200,
        description="seconds for a scan; targets that are not read by then count as unread",
    )

    stopped_days: int = Field(
        _DEFAULT.stopped_days,
        alias="BAILIFF_STOPPED_DAYS",
        ge=1,
        le=36_500,
        description="days after which a stopped instance is abandoned",
    )
    running_days: int = Field(
        _DEFAULT.running_days,
        alias="BAILIFF_RUNNING_DAYS",
        ge=1,
        le=36_500,
        description="days after which a running instance may be unused",
    )
    grace_hours: int = Field(
        _DEFAULT.grace_hours,
        alias="BAILIFF_GRACE_HOURS",
        ge=0,
        le=8_760,
        description="hours after the creation in which an instance needs no name and no owner",
    )
    allowed_regions: WordList = Field(
        tuple(sorted(_DEFAULT.allowed_regions)),
        alias="BAILIFF_ALLOWED_REGIONS",
        description="regions in which instances may be; empty: all",
    )
    exempt_tags: PhraseList = Field(
        _DEFAULT.exempt_tags,
        alias="BAILIFF_EXEMPT_TAGS",
        description="tags that exempt an instance: `key` (its value may be the last day) or `key=value`, with `*`",
    )
    exempt_tag_days: int = Field(
        _DEFAULT.exempt_tag_days,
        alias="BAILIFF_EXEMPT_TAG_DAYS",
        ge=0,
        le=3_650,
        description="days after which an exempting tag without an end ends, from when one was first seen; `0`: never",
    )
    managed_tags: PhraseList = Field(
        _DEFAULT.managed_tags,
        alias="BAILIFF_MANAGED_TAGS",
        description="further tags of machines that a controller replaces: `key=Label` or `key=value=Label`",
    )
    owner_tags: PhraseList = Field(
        _DEFAULT.owner_tags,
        alias="BAILIFF_OWNER_TAGS",
        description="tags that hold identifiers or e-mail addresses of owners, read after `bailiff:owner`; "
        "the first with an owner counts",
    )
    owner_domain: str | None = Field(
        None,
        alias="BAILIFF_OWNER_DOMAIN",
        description="the domain that completes `first.last` in an owner tag to an e-mail address",
    )
    not_identifiers: WordList = Field(
        tuple(sorted(_DEFAULT.not_identifiers)),
        alias="BAILIFF_NOT_IDENTIFIERS",
        description="words that name machines, not people; a new list replaces the default",
    )

    channel: str | None = Field(None, alias="BAILIFF_CHANNEL", description="the channel of the digest, by id or name")
    digest_cron: str = Field(
        "0 9 * * 1-5", alias="BAILIFF_DIGEST_CRON", description="when the digest is sent: five cron fields"
    )
    timezone: str = Field("UTC", alias="BAILIFF_TIMEZONE", description="the time zone of the cron and of all messages")
    digest_until: str = Field(
        "20:00",
        alias="BAILIFF_DIGEST_UNTIL",
        description="until this time of day, a digest that was missed is sent late",
    )
    nudges: Literal["dry-run", "on", "off"] = Field(
        "dry-run",
        alias="BAILIFF_NUDGES",
        description="`on`: owners get a direct message; `dry-run`: the thread lists who would; `off`: nobody",
    )
    remind_days: int = Field(
        7,
        alias="BAILIFF_REMIND_DAYS",
        ge=1,
        le=365,
        description="days after which an owner with no new finding is reminded",
    )
    fresh_minutes: int = Field(
        15,
        alias="BAILIFF_FRESH_MINUTES",
        ge=0,
        le=10_080,
        description="minutes after which an answer starts a new scan in the background",
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///bailiff.sqlite"),
        alias="BAILIFF_DATABASE_URL",
        description="the database: `sqlite:///FILE`, or `postgresql://USER:PASSWORD@HOST/NAME`",
    )
    keep_days: int = Field(
        90,
        alias="BAILIFF_KEEP_DAYS",
        ge=14,
        le=3_650,
        description="days after which stored data is deleted, except the trend and the audit log",
    )
    audit_days: int = Field(
        0,
        alias="BAILIFF_AUDIT_DAYS",
        ge=0,
        le=36_500,
        description="days after which rows of the audit log are deleted; `0`: they are kept for ever",
    )
    replicas: int = Field(
        1, alias="BAILIFF_REPLICAS", ge=1, le=10, description="bots that run at the same time on one PostgreSQL"
    )
    clock_ahead: int = Field(
        0,
        alias="BAILIFF_CLOCK_AHEAD",
        ge=0,
        description="seconds that Bailiff's clock is ahead of the machine's, for tests",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="BAILIFF_LOG_LEVEL", description="the level of the JSON log on standard error"
    )

    @field_validator(
        "role_arns",
        "regions",
        "expected_unread",
        "allowed_regions",
        "not_identifiers",
        "actions",
        "admins",
        "action_role_arns",
        "delete_role_arns",
        mode="before",
    )
    @classmethod
    def _split_words(cls, value: object) -> object:
        return tuple(word for word in SEPARATORS.split(value) if word) if isinstance(value, str) else value

    @field_validator("askbob_teams", "exempt_tags", "managed_tags", "owner_tags", "schedule_tags", mode="before")
    @classmethod
    def _split_phrases(cls, value: object) -> object:
        return tuple(item.strip() for item in value.split(",") if item.strip()) if isinstance(value, str) else value

    @field_validator("slack_bot_token")
    @classmethod
    def _check_bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _starts_with("xoxb-", value)

    @field_validator("slack_app_token")
    @classmethod
    def _check_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _starts_with("xapp-", value)

    @field_validator("role_arns")
    @classmethod
    def _check_role_arns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return all_match(ROLE_ARN, "arn:aws:iam::123456789012:role/NAME", value)

    @field_validator("regions")
    @classmethod
    def _check_regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return ("all",) if value in {(), ("all",)} else all_match(_REGION, "eu-west-1", value)

    @field_validator("allowed_regions")
    @classmethod
    def _check_allowed_regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return all_match(_REGION, "eu-west-1", value)

    @field_validator("owner_domain")
    @classmethod
    def _check_owner_domain(cls, value: str | None) -> str | None:
        if value and not _DOMAIN.fullmatch(value):
            raise ValueError("should be a domain like octo.example")
        return value

    @field_validator("managed_tags")
    @classmethod
    def _check_managed_tags(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        managed_tags(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError("should be a time zone like Europe/Paris") from None
        return value

    @field_validator("digest_until")
    @classmethod
    def _check_time_of_day(cls, value: str) -> str:
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
            raise ValueError("should be a time of day like 20:00")
        return value

    @field_validator("database_url")
    @classmethod
    def _with_database_driver(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not re.match(r"(sqlite|postgresql(\+psycopg)?)://", url):
            raise ValueError("should begin with sqlite:/// or postgresql://")
        return SecretStr(re.sub(r"^postgresql://", "postgresql+psycopg://", url))

    @field_validator("slack_api_url", "askbob_url")
    @classmethod
    def _with_trailing_slash(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
            raise ValueError("should be an address like https://host/path")
        return value.rstrip("/") + "/"

    @model_validator(mode="after")
    def _check_replicas_share_a_database(self) -> Self:
        if self.replicas > 1 and self.database_url.get_secret_value().startswith("sqlite:"):
            raise ValueError(
                "BAILIFF_REPLICAS is more than 1, but BAILIFF_DATABASE_URL is a file, which replicas cannot share: "
                "unset one"
            )
        return self

    @model_validator(mode="after")
    def _check_deletions_are_told(self) -> Self:
        if "delete" in self.actions and self.nudges != "on" and not self.triage_channel:
            raise ValueError(
                "BAILIFF_ACTIONS has delete, but nobody would be told of a deletion and could cancel it: set "
                "BAILIFF_NUDGES to on, or BAILIFF_TRIAGE_CHANNEL"
            )
        return self

    @model_validator(mode="after")
    def _check_usage_is_kept(self) -> Self:
        if self.idle_days > self.keep_days:
            raise ValueError("BAILIFF_IDLE_DAYS is more than BAILIFF_KEEP_DAYS: set it to as many days at most")
        return self

    @model_validator(mode="after")
    def _check_single_directory(self) -> Self:
        if self.askbob_url and self.people_csv:
            raise ValueError(
                "ASKBOB_URL and BAILIFF_PEOPLE_CSV are both set, but there can be only one directory: unset one"
            )
        return self

    def policy(self) -> Policy:
        """Return the policy from which the rules are built."""
        return Policy(
            stopped_days=self.stopped_days,
            running_days=self.running_days,
            grace_hours=self.grace_hours,
            allowed_regions=frozenset(self.allowed_regions),
            exempt_tags=self.exempt_tags,
            exempt_tag_days=self.exempt_tag_days,
            zone=ZoneInfo(self.timezone),
            managed_tags=self.managed_tags,
            owner_tags=self.owner_tags,
            owner_domain=self.owner_domain or "",
            not_identifiers=frozenset(word.upper() for word in self.not_identifiers),
            expected_unread=self.expected_unread,
            reads_usage=self.reads_usage,
            idle_days=self.idle_days,
            idle_cpu=self.idle_cpu,
            idle_network_mb=self.idle_network_mb,
            used_cpu=self.used_cpu,
            used_network_mb=self.used_network_mb,
        )

    def require(self, *variables: str) -> None:
        """Raise SettingsError for the first of these variables that is not set. Its message is one line."""
        fields = {field.alias: (name, field) for name, field in type(self).model_fields.items()}
        for variable in variables:
            name, field = fields[variable]
            if getattr(self, name) is None:
                raise SettingsError(f"{variable} is not set: it should be {field.description}. See docs/settings.md.")


def _starts_with(prefix: str, token: SecretStr | None) -> SecretStr | None:
    if token and not token.get_secret_value().startswith(prefix):
        raise ValueError(f"should start with {prefix}: this is another kind of token")
    return token
