"""Usage as evidence: its figures as text. Each is rounded up, because it is told as "at most"."""

from decimal import ROUND_UP, Decimal

from bailiff_bot.domain.usage import Usage, UsageVerdict

_ROUNDED_FROM = 10
"""From here on a figure has no decimal."""


def idle_evidence(usage: Usage) -> str:
    """Return "idle for 14 days: CPU at most 2.1 %, at most 0.8 MB a day"."""
    return f"idle for {usage.days} days: CPU at most {_figure(usage.cpu_max)} %, {_traffic(usage)}"


def quiet_evidence(age: int, usage: Usage) -> str:
    """Return "running for 112 days; CPU on average at most 1.2 %, at most 38 MB a day: is it still used?"."""
    return f"running for {age} days; {_average(usage)}, {_traffic(usage)}: is it still used?"


def usage_value(usage: Usage) -> str:
    """Return the verdict with the figures that are known, for an explanation."""
    if usage.verdict is UsageVerdict.UNKNOWN:
        return "not known"
    figures = (
        _known(usage.cpu_max, "CPU at most {} %"),
        _known(usage.cpu_average, "CPU on average at most {} %"),
        _known(usage.network_mb, "at most {} MB a day"),
    )
    return f"{usage.verdict} in the last {usage.days} days: {', '.join(filter(None, figures))}"


def _known(figure: float | None, text: str) -> str:
    return "" if figure is None else text.format(_figure(figure))


def _average(usage: Usage) -> str:
    return f"CPU on average at most {_figure(usage.cpu_average)} %"


def _traffic(usage: Usage) -> str:
    return f"at most {_figure(usage.network_mb)} MB a day"


def _figure(figure: float | None) -> str:
    exact = Decimal(repr(figure or 0.0))
    rounded = exact.quantize(Decimal(1) if exact >= _ROUNDED_FROM else Decimal("0.1"), ROUND_UP)
    return f"{rounded:,}"
