"""What the assistant reads: the brochure, the articles of the salon folder, and the corpora of the crawler.

Corpora lie in `knowledge` of the data folder, a CSV file each, in the form that `load_wiki` reads.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from stores.errors import CorpusUnusable
from stores.legend import load_legend
from stores.passages import Passage
from stores.wiki import RejectedArticle, load_wiki

_FOLDER = "knowledge"
_NAME = re.compile(r"[\w.-]{1,80}")


class Mark(NamedTuple):
    """A file as it was: who changes it changes its mark."""

    path: str
    size: int
    changed: int


class Knowledge(NamedTuple):
    """The passages that are there, the rows and files of articles that are broken, and the ids of the passages that the
    screen changed or left out."""

    passages: list[Passage]
    rejected: tuple[RejectedArticle, ...]
    screened: tuple[str, ...]


class Sources:
    """Where the passages of one salon come from: its `folder`, and the corpora in `data`.

    `screen` takes out of passages what must not be shown or read by a model; without one they are as they are.
    """

    def __init__(
        self, folder: Path, data: Path, screen: Callable[[list[Passage]], list[Passage]] = list
    ) -> None:
        self.folder = folder
        self._screen = screen
        self._legend = folder / "legend.md"
        self._wiki = folder / "wiki"
        self._corpora = data / _FOLDER

    def read(self) -> Knowledge:
        """The brochure's passages, then the articles', and what is broken.

        What the salon folder has is not taken from a corpus. Raises `SalonFolderError`: the brochure cannot be read.
        """
        articles = load_wiki(self._wiki, self._corpora)
        passages = [*load_legend(self._legend, optional=True), *articles.passages]
        kept = self._screen(passages)
        shown = {passage.id: passage for passage in kept}
        screened = tuple(passage.id for passage in passages if shown.get(passage.id) != passage)
        return Knowledge(kept, tuple(articles.rejected), screened)

    def load(self) -> list[Passage]:
        """The passages that `read` finds."""
        return self.read().passages

    def marks(self) -> tuple[Mark, ...]:
        """The files as they are now; equal marks, equal passages."""
        files = [self._legend, *sorted(self._wiki.glob("*.csv")), *sorted(self._corpora.glob("*.csv"))]
        found = []
        for path in files:
            try:
                state = path.stat()
            except OSError:  # gone since it was listed
                continue
            found.append(Mark(f"{path}", state.st_size, state.st_mtime_ns))
        return tuple(found)

    def corpora(self) -> list[str]:
        """The names of the corpora."""
        return sorted(path.stem for path in self._corpora.glob("*.csv"))

    def put(self, name: str, source: Path) -> int:
        """Makes the file the corpus of this name, in the place of an older one; returns how many articles it has.

        A file that is the same is left as it is. Raises `CorpusUnusable`, and then the older one stays.
        """
        path = self._path(name)
        try:
            content = source.read_bytes()
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.parent / f".{name}.new" / path.name
            beside.parent.mkdir(exist_ok=True)
            beside.write_bytes(content)
            load = load_wiki(beside.parent)
            if load.articles and not (path.is_file() and path.read_bytes() == content):
                beside.replace(path)
            beside.unlink(missing_ok=True)
            beside.parent.rmdir()
        except OSError as error:
            raise CorpusUnusable(f"{source} cannot be taken over: {error.strerror or error}") from error
        if not load.articles:
            why = f", {load.rejected[0].reason}" if load.rejected else ""
            raise CorpusUnusable(f"{source} holds no article with the status Ok{why}")
        return load.articles

    def remove(self, name: str) -> None:
        """Forgets a corpus. Raises `CorpusUnusable` when there is none of this name."""
        try:
            self._path(name).unlink()
        except OSError as error:
            known = ", ".join(self.corpora()) or "none"
            raise CorpusUnusable(f"there is no corpus {name}; there are: {known}") from error

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or name.startswith("."):
            raise CorpusUnusable(f"not the name of a corpus: {name}")
        return self._corpora / f"{name}.csv"
