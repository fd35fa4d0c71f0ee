"""The form of an error in the table, and where its source may be."""

from dataclasses import dataclass

UNDOCUMENTED = "assumed"
"""The source of what Slack does not document."""
DOCS = "https://docs.slack.dev/"
METHODS = DOCS + "reference/methods/"
BLOCKS = DOCS + "reference/block-kit/blocks/"
ELEMENTS = DOCS + "reference/block-kit/block-elements/"
OBJECTS = DOCS + "reference/block-kit/composition-objects/"


@dataclass(frozen=True, slots=True)
class ErrorDefinition:
    """One error of the Web API."""

    code: str
    """The value of `error` in Slack's response."""
    meaning: str
    source: str
    """A URL under docs.slack.dev, a report of Slack's behaviour, or UNDOCUMENTED."""
    rule: str = ""
    """The rule that was broken, if several rules share the code; else empty."""

    @property
    def name(self) -> str:
        """The unique name: the rule, else the code."""
        return self.rule or self.code
