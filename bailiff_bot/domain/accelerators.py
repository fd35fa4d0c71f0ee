"""The instance types with a GPU or another accelerator, which may work while the CPU rests."""

import re

_ACCELERATED = frozenset({"p", "g", "gr", "inf", "trn", "dl", "vt", "f"})
"""The series of AWS's "accelerated computing" types: GPUs, inference, training, video and programmable chips."""
_SERIES = re.compile(r"[a-z]+(?=[0-9])")


def has_accelerator(instance_type: str) -> bool:
    """Return whether an instance type such as `g4dn.xlarge` has an accelerator."""
    series = _SERIES.match(instance_type)
    return series is not None and series[0] in _ACCELERATED
