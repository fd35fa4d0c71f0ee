"""The settings of what is read of instances besides the scan: what they cost."""

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class EvidenceSettings(BaseSettings):
    """The part of the settings that is about evidence."""

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
