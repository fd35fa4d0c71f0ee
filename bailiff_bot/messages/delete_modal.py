"""The modal in which somebody asks for the deletion of an instance."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bailiff_bot.domain.action import ActionWarning
from bailiff_bot.domain.instance_details import InstanceDetails, Volume
from bailiff_bot.messages.action_results import IMAGE_LACKS
from bailiff_bot.messages.document import Bullets, Document, Line, Paragraph, SmallPrint
from bailiff_bot.messages.formatting import date_time, visible
from bailiff_bot.messages.modal import LineField, Modal

DELETE_FORM = "bailiff_delete_form"
"""The key of the submission."""
CONFIRMATION = "confirmation"
"""The name of the field."""
TITLE = "Delete"
WRONG_CONFIRMATION = "Type the name or the id of the instance, as it stands above"
_MAX_LISTED = 20
_MAX_TYPED = 300


def delete_form(  # noqa: PLR0913, PLR0917 - what it says
    click_id: str,
    title: str,
    instance_id: str,
    details: InstanceDetails,
    warnings: frozenset[ActionWarning],
    due_at: datetime,
    zone: tzinfo,
    *,
    triage: str,
    makes_image: bool,
) -> Modal:
    """Return the form: what becomes of each volume and address, and when it is done. `triage` is told, if it is set."""
    first = f"{title} is deleted on {date_time(due_at, zone)}, unless an owner or an administrator cancels that."
    readers = f"All its owners and {triage}" if triage else "All its owners"
    told = f"{readers} are told now. Before it is deleted, everything is checked again."
    lines = tuple(_lines(details, warnings))
    image = Paragraph(text=" ".join(_image(details, makes_image=makes_image)))
    document = Document(first, "", (Paragraph(text=first), Bullets(lines), image, SmallPrint((told,))))
    name = details.name.strip()
    label = f"Type {visible(name)[:80]} or {instance_id}" if name else f"Type {instance_id}"
    field = LineField(CONFIRMATION, label, "", _MAX_TYPED)
    return Modal(TITLE, document, (field,), "Request deletion", DELETE_FORM, click_id)


def _lines(details: InstanceDetails, warnings: frozenset[ActionWarning]) -> Iterator[Line]:
    for volume in details.volumes[:_MAX_LISTED]:
        yield (_volume(volume),)
    if len(details.volumes) > _MAX_LISTED:
        yield (f"{len(details.volumes) - _MAX_LISTED} more volumes: see the AWS console",)
    for address in details.elastic_addresses:
        yield (f"Elastic IP {address}: stays, and goes on costing",)
    for address in details.public_addresses:
        yield (f"Public address {address}: is lost",)
    if ActionWarning.STACK in warnings:
        yield ("It belongs to a CloudFormation stack: delete it there, or the stack's next update fails.",)


def _volume(volume: Volume) -> str:
    size = f", {volume.size:,} GiB" if volume.size else ""
    fate = "is deleted" if volume.is_deleted_with_instance else "stays, and goes on costing"
    return f"Volume {volume.id} ({volume.device}{size}): {fate}"


def _image(details: InstanceDetails, *, makes_image: bool) -> Iterator[str]:
    if not makes_image:
        yield "No image is made: what is on deleted volumes cannot be brought back."
        return
    yield "An image of it is made now, and the instance is deleted only once the image is available."
    yield f"{IMAGE_LACKS}: note them if you need them."
    if details.has_hibernation:
        yield "Hibernation is enabled for it, so its image may not start."
