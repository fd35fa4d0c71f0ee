"""An instance as one line: its name, the evidence of its findings, its cost, its type and place."""

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.owner import owner_label
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.messages.document import Bold, Line, Link, text_of
from bailiff_bot.messages.formatting import display_name, plural, visible
from bailiff_bot.messages.money import cost_text

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def instance_line(row: Row, accounts: int) -> Line:
    """Return a row as one line. It shows the account if there are several `accounts`."""
    return row_title(row), _details(row, accounts)


def instance_line_with_owner(row: Row, accounts: int) -> Line:
    """Return a row as one line that ends with the label of its owners."""
    return row_title(row), f"{_details(row, accounts)} · {visible(owner_label(row.identity))}"


def row_title(row: Row) -> Bold | Link:
    """Return the name and the id of an instance, with a link to the console; of a controller, its kind and name."""
    if row.controller:
        title = f"{row.controller.kind} {display_name(row.controller.name)}"
        return Bold(f"{title}, {plural(row.count, 'machine')}")
    instance = row.instance
    title = instance.id if instance.name is None else f"{display_name(instance.name)} ({instance.id})"
    return Link(title, console_url(instance))


def instance_title(row: Row) -> str:
    """Return how a row is named in a sentence: `agr-web (i-0abc)`."""
    return text_of(row_title(row))


def _details(row: Row, accounts: int) -> str:
    evidence = ", ".join(finding.evidence for finding in row.findings)
    cost = f" · {cost_text(row.cost)}" if row.cost else ""
    return f": {evidence}{cost} · {place(row.instance, accounts)}"


def place(instance: Instance, accounts: int) -> str:
    """Return the type and the place of an instance, with its account if there are several `accounts`."""
    account = f"{instance.target.account}/" if accounts > 1 else ""
    return f"{instance.type} in {account}{instance.target.region}"


def console_url(instance: Instance) -> str:
    """Return the URL of an instance in the AWS console of its partition."""
    return subject_url(instance_subject(instance))


def subject_url(subject: Subject) -> str:
    """Return the URL of a subject that is an instance."""
    host = _CONSOLES[subject.target.partition]
    region = subject.target.region
    return f"https://{region}.{host}/ec2/home?region={region}#InstanceDetails:instanceId={subject.id}"
