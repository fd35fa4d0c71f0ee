"""Files, from the upload to the channel."""

from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Json


@dataclass(frozen=True, slots=True)
class File:
    """A file. It is announced, then uploaded, then shared."""

    id: str
    name: str
    length: int
    title: str = ""
    content: bytes | None = None
    """None before the upload and after a deletion."""

    def as_json(self) -> Json:
        """Return the file as messages contain it."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "mode": "hosted",
            "filetype": self.name.rpartition(".")[2],
        }


class Files:
    """Every file of the workspace."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def begin_upload(self, name: str, length: int) -> File:
        """Announce an upload and return the new file."""
        return self._put(File(f"F0FILE{len(self._files) + 1:05}", name, length))

    def store_content(self, file: File, content: bytes) -> None:
        """Store the uploaded content."""
        self._put(replace(file, content=content))

    def set_title(self, file: File, title: str) -> File:
        """Set the title of the file and return the changed file."""
        return self._put(replace(file, title=title))

    def remove(self, file: File) -> None:
        """Delete the content of a file; its id is not used again."""
        self._files[file.id] = replace(file, content=None, length=0)

    def get(self, file_id: str) -> File | None:
        """Return the file of this id, or None."""
        return self._files.get(file_id)

    def _put(self, file: File) -> File:
        self._files[file.id] = file
        return file
