"""A passage of knowledge: one section of the brochure or a piece of one article."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Passage:
    """`id` is stable between loads; `text` is plain text or Markdown without the title."""

    id: str
    kind: Literal["legend", "wiki"]
    title: str
    text: str
    url: str | None = None
    language: str = "ru"
