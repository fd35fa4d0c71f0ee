"""The settings of what is read of instances besides the scan: whether they are used, and what they cost."""

from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from bailiff_bot.domain.policy import Policy

_DEFAULT = Policy()


class EvidenceSettings(BaseSettings):
    """The part of the settings that is about evidence."""

    usage: Literal["on", "off"] = Field(
        "on",
        alias="BAILIFF_USAGE",
        description="`on`: CloudWatch is asked whether running instances are used; `off`: only their age asks",
    )
    idle_days: int = Field(
        _DEFAULT.idle_days,
        alias="BAILIFF_IDLE_DAYS",
        ge=1,
        le=365,
        description="UTC days by which usage is judged, at most `BAILIFF_KEEP_DAYS`",
    )
    idle_cpu: float = Field(
        _DEFAULT.idle_cpu,
        alias="BAILIFF_IDLE_CPU",
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="percent; an instance is idle if its CPU stayed below it on each day",
    )
    idle_network_mb: float = Field(
        _DEFAULT.idle_network_mb,
        alias="BAILIFF_IDLE_NETWORK_MB",
        gt=0,
        allow_inf_nan=False,
        description="megabytes a day, in plus out; an instance is idle if its traffic stayed below it on each day",
    )
    used_cpu: float = Field(
        _DEFAULT.used_cpu,
        alias="BAILIFF_USED_CPU",
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="percent; an instance is used if its CPU reached it on average on a day",
    )
    used_network_mb: float = Field(
        _DEFAULT.used_network_mb,
        alias="BAILIFF_USED_NETWORK_MB",
        gt=0,
        allow_inf_nan=False,
        description="megabytes a day, in plus out; an instance is used if its traffic reached it on a day",
    )

    prices: Literal["on", "off"] = Field(
        "on", alias="BAILIFF_PRICES", description="`on`: reports say what instances that break a rule cost a month"
    )
    price_days: int = Field(
        7,
        alias="BAILIFF_PRICE_DAYS",
        ge=1,
        le=90,
        description="days after which a price is looked up again in AWS's price list",
    )
    price_factor: Decimal = Field(
        Decimal(1),
        alias="BAILIFF_PRICE_FACTOR",
        gt=0,
        le=10,
        description="what the list's prices of instances are multiplied by: `0.82` is a discount of 18 %",
    )
    prices_csv: Path | None = Field(
        None,
        alias="BAILIFF_PRICES_CSV",
        description="a file of your own prices, `type,region,operation,hourly_usd`; they beat the list's",
    )

    @model_validator(mode="after")
    def _check_idle_is_below_used(self) -> Self:
        for idle, used in (("idle_cpu", "used_cpu"), ("idle_network_mb", "used_network_mb")):
            if getattr(self, idle) >= getattr(self, used):
                lower, upper = f"BAILIFF_{idle}".upper(), f"BAILIFF_{used}".upper()
                raise ValueError(f"{lower} is not below {upper}, so an instance could be both: set a lower one")
        return self

    @property
    def reads_usage(self) -> bool:
        """True if CloudWatch is asked."""
        return self.usage == "on"
