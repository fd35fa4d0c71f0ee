"""The patterns of policy documents: `*`, `?` and policy variables such as `${aws:SourceIdentity}`.

From https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re

from bailiff_bot.sandbox.aws.iam.context import Context

_TOKEN = re.compile(r"\$\{(?P<variable>[^}]*)\}|(?P<any>\*)|(?P<one>\?)|(?P<text>[^*?$]+|\$)")
_ARN_COLONS = 5
"""An ARN has six parts; the last may contain colons."""


def matches(pattern: str, value: str, context: Context, *, ignore_case: bool = False) -> bool:
    """Return True if a pattern matches a whole value. A variable without one value in the context matches nothing."""
    expression = _expression(pattern, context)
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return expression is not None and re.fullmatch(expression, value, flags) is not None


def matches_arn(pattern: str, arn: str, context: Context) -> bool:
    """Return True if a pattern matches an ARN, part by part: a wildcard does not reach beyond a colon."""
    if pattern == "*":
        return True
    patterns, parts = pattern.split(":", _ARN_COLONS), arn.split(":", _ARN_COLONS)
    return len(patterns) == len(parts) and all(
        matches(one, part, context) for one, part in zip(patterns, parts, strict=True)
    )


def substitute(text: str, context: Context) -> str | None:
    """Return a text with its variables replaced; None if one has no single value."""
    if "${" not in text:
        return text
    values = {match[0]: context.variable(match["variable"]) for match in _TOKEN.finditer(text) if match["variable"]}
    if None in values.values():
        return None
    return _TOKEN.sub(lambda match: values.get(match[0]) or match[0], text)


def _expression(pattern: str, context: Context) -> str | None:
    parts: list[str] = []
    for match in _TOKEN.finditer(pattern):
        if match["variable"] is not None:
            value = context.variable(match["variable"])
            if value is None:
                return None
            parts.append(re.escape(value))
        else:
            parts.append(".*" if match["any"] else "." if match["one"] else re.escape(match["text"]))
    return "".join(parts)
