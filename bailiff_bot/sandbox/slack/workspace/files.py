"""Files on their way from an upload address into a channel."""

from dataclasses import dataclass, replace

from bailiff_bot.sandbox.slack.base_types import Json


@dataclass(frozen=True, slots=True)
class File:
    """A file: announced, then uploaded, then shared."""

    id: str
    name: str
    length: int
    title: str = ""
    content: bytes | None = None
    """None until it has been uploaded."""

    def as_json(self) -> Json:
        """Return the file as a message shows it."""
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
        """Begin an upload."""
        return self._put(File(f"F0FILE{len(self._files) + 1:05}", name, length))

    def store_content(self, file: File, content: bytes) -> None:
        """Keep what was uploaded."""
        self._put(replace(file, content=content))

    def set_title(self, file: File, title: str) -> File:
        """Give the file the title it is shared under."""
        return self._put(replace(file, title=title))

    def remove(self, file: File) -> None:
        """Forget a file; its id is given to no other."""
        self._files[file.id] = replace(file, content=None, length=0)

    def get(self, file_id: str) -> File | None:
        """Return the file of this id."""
        return self._files.get(file_id)

    def _put(self, file: File) -> File:
        self._files[file.id] = file
        return file
