"""The registry of models, and what it refuses."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from chains.weight_sources import UrlSource, WheelsSource
from chains.weights import ModelCard, UnknownModel, load_registry

MODELS = Path(__file__).parents[2] / "assets" / "models.toml"


def test_the_default_model_speaks_russian_and_asks_the_hub_before_the_package_index() -> None:
    card = load_registry(MODELS).get(None)
    assert "ru" in card.languages
    assert [source.kind for source in card.sources] == ["url", "wheels"]


def test_every_model_has_a_free_licence_and_can_be_had_without_a_hub() -> None:
    for card in load_registry(MODELS).model:
        assert card.licence == "Apache-2.0"
        assert any(isinstance(source, WheelsSource) for source in card.sources)


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(UnknownModel, match=r"no model is called 'GPT'; the registry has Qwen.*, SmolLM2"):
        load_registry(MODELS).get("GPT")


@pytest.mark.parametrize("content", ["default = ", "default = 'x'\nmodel = []", "[[model]]\nname = 'x'"])
def test_a_registry_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(content)
    with pytest.raises(UnknownModel, match=r"models\.toml cannot be read"):
        load_registry(path)


def test_a_missing_registry_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match=r"nowhere\.toml cannot be read"):
        load_registry(tmp_path / "nowhere.toml")


def test_pieces_that_do_not_add_up_to_the_file_are_refused() -> None:
    with pytest.raises(ValidationError, match="cannot make 100"):
        _card(
            WheelsSource(
                kind="wheels", distribution="d{n}", version="1", member="m", pieces=3, piece_bytes=50
            )
        )


@pytest.mark.parametrize("file", ["../evil.gguf", "a/b.gguf", ""])
def test_a_file_name_cannot_leave_the_cache(file: str) -> None:
    with pytest.raises(ValidationError, match="file"):
        _card(UrlSource(kind="url", url="http://127.0.0.1/x"), file=file)


def _card(source: UrlSource | WheelsSource, file: str = "x.gguf") -> ModelCard:
    return ModelCard(
        name="x",
        file=file,
        size_bytes=100,
        sha256="0" * 64,
        licence="MIT",
        languages=("en",),
        context_tokens=1,
        sources=(source,),
    )
