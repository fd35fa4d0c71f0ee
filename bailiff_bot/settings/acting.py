"""The settings of what people may do in Slack, and of what Bailiff may change in AWS."""

import re
from collections import Counter
from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from bailiff_bot.domain.action import AWS_ACTIONS, Action
from bailiff_bot.domain.action_brakes import BrakeLimits
from bailiff_bot.domain.role_arn import ROLE_ARN
from bailiff_bot.settings.lists import PhraseList, WordList, all_match

_USER_ID = re.compile(r"[UW][A-Z0-9]+")
_BY_DEFAULT = (Action.KEEP.value, Action.NOT_MINE.value)
_ACTIONS = (*_BY_DEFAULT, Action.RENAME.value, Action.STOP.value, Action.DELETE.value)
"""What `BAILIFF_ACTIONS` can offer."""


class ActingSettings(BaseSettings):
    """The part of the settings that is about actions."""

    actions: WordList = Field(
        _BY_DEFAULT,
        alias="BAILIFF_ACTIONS",
        description="what owners may do in Slack: `keep`, `not-mine`, `rename`, `stop`, `delete`; `none`: nothing",
    )
    admins: WordList = Field(
        (), alias="BAILIFF_ADMINS", description="administrators of Bailiff, by Slack user id; empty: nobody"
    )
    max_exemption_days: int = Field(
        30,
        alias="BAILIFF_MAX_EXEMPTION_DAYS",
        ge=1,
        le=365,
        description="days for which an owner may keep an instance; an administrator may for 365",
    )
    triage_channel: str | None = Field(
        None,
        alias="BAILIFF_TRIAGE_CHANNEL",
        description="the channel that is told *Not mine*, by id or name; empty: *Not mine* is not offered",
    )
    triage_days: int = Field(
        14,
        alias="BAILIFF_TRIAGE_DAYS",
        ge=1,
        le=365,
        description="days after which *Not mine* ends, unless somebody is assigned",
    )
    action_role_arns: WordList = Field(
        (),
        alias="BAILIFF_ACTION_ROLE_ARNS",
        description="the role that stops, starts and renames, one for each account",
    )
    delete_role_arns: WordList = Field(
        (),
        alias="BAILIFF_DELETE_ROLE_ARNS",
        description="the role that makes images and deletes, one for each account",
    )
    actions_dry_run: Literal["on", "off"] = Field(
        "off",
        alias="BAILIFF_ACTIONS_DRY_RUN",
        description="`on`: AWS only checks the permission, and nothing is changed",
    )
    owner_settled_hours: int = Field(
        24,
        alias="BAILIFF_OWNER_SETTLED_HOURS",
        ge=1,
        le=720,
        description="hours for which scans must have shown an owner who stops, renames or deletes",
    )
    max_actions_per_person: int = Field(
        20,
        alias="BAILIFF_MAX_ACTIONS_PER_PERSON",
        ge=0,
        le=10_000,
        description="what one person may stop, rename and delete in 24 hours",
    )
    max_deletions_per_person: int = Field(
        5,
        alias="BAILIFF_MAX_DELETIONS_PER_PERSON",
        ge=0,
        le=10_000,
        description="what one person may delete in 24 hours",
    )
    max_actions: int = Field(
        200,
        alias="BAILIFF_MAX_ACTIONS",
        ge=0,
        le=100_000,
        description="what all people together may stop, rename and delete in 24 hours",
    )
    delete_wait_hours: int = Field(
        24,
        alias="BAILIFF_DELETE_WAIT_HOURS",
        ge=1,
        le=720,
        description="hours in which an owner can cancel a deletion",
    )
    image_before_delete: Literal["on", "off"] = Field(
        "on",
        alias="BAILIFF_IMAGE_BEFORE_DELETE",
        description="`on`: an image of an instance is made before it is deleted",
    )
    image_days: int = Field(
        14,
        alias="BAILIFF_IMAGE_DAYS",
        ge=1,
        le=3_650,
        description="days after which the digest lists an image of a deleted instance",
    )
    schedule_tags: PhraseList = Field(
        ("Schedule",),
        alias="BAILIFF_SCHEDULE_TAGS",
        description="tags of instances that a scheduler starts again; *Stop* warns of it",
    )

    @field_validator("actions")
    @classmethod
    def _check_actions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("none",):
            return ()
        if unknown := [name for name in value if name not in _ACTIONS]:
            raise ValueError(f"names {unknown[0]!r}, which is none of {', '.join(_ACTIONS)}")
        return value

    @field_validator("admins")
    @classmethod
    def _check_admins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return all_match(_USER_ID, "U0123456789", value)

    @field_validator("action_role_arns", "delete_role_arns")
    @classmethod
    def _check_one_role_an_account(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        all_match(ROLE_ARN, "arn:aws:iam::123456789012:role/NAME", value)
        accounts = Counter(arn.split(":")[4] for arn in value)
        if twice := [account for account, count in accounts.items() if count > 1]:
            raise ValueError(f"has two roles of the account {twice[0]}: there can be only one")
        return value

    @model_validator(mode="after")
    def _check_roles_for_actions(self) -> Self:
        if {"rename", "stop"} & set(self.actions) and not self.action_role_arns:
            raise ValueError(
                "BAILIFF_ACTIONS has rename or stop, but BAILIFF_ACTION_ROLE_ARNS names no role for them: set it"
            )
        if "delete" in self.actions and not self.delete_role_arns:
            raise ValueError("BAILIFF_ACTIONS has delete, but BAILIFF_DELETE_ROLE_ARNS names no role for it: set it")
        return self

    @property
    def offered_actions(self) -> frozenset[Action]:
        """The actions that are offered. Without a channel that is told, *Not mine* is none of them."""
        wanted = frozenset(map(Action, self.actions))
        return wanted if self.triage_channel else wanted - {Action.NOT_MINE}

    @property
    def changes_aws(self) -> bool:
        """True if an action that is offered changes something in AWS."""
        return bool(self.offered_actions & AWS_ACTIONS)

    @property
    def brake_limits(self) -> BrakeLimits:
        """How much may be done in 24 hours."""
        return BrakeLimits(self.max_actions_per_person, self.max_deletions_per_person, self.max_actions)

    @property
    def owner_settled(self) -> timedelta:
        """For how long scans must have shown an owner who stops, renames or deletes."""
        return timedelta(hours=self.owner_settled_hours)
