"""How the single parts of an assistant are opened by the settings; `services.py` puts them together."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from chains.alerts import AlertSender, alert_targets
from chains.embeddings import Embedder
from chains.encoder import Encoder
from chains.guard import Guard, Layer
from chains.guard_encoder import EncoderLayer
from chains.guard_judge import JudgeLayer
from chains.guard_model.layer import ClassifierLayer
from chains.guard_model.model import GuardModel, load_guard_model
from chains.intents import Classifier, load_model
from chains.llm import LanguageModel
from chains.refreshing import Refreshing
from chains.reply import Language
from chains.reranking import Reranker
from chains.retrieval import Retriever
from chains.router import Router, load_router, load_topics
from chains.synonyms import Synonyms, load_synonyms
from chains.texts import Texts, load_texts
from chains.topic_guard import TopicSource
from chains.translations import Table, load_translations
from chains.untrusted import Screen
from chains.wording import prompt_texts
from settings import ROOT, Settings
from stores.added_vectors import AddedVectors
from stores.alerts import Alerts
from stores.corpora import Sources
from stores.database import open_database
from stores.errors import DatabaseUnavailable
from stores.in_force import InForce
from stores.inventory import Inventory
from stores.lexicon import Lexicon, load_lexicon
from stores.salon import Salon, load_salon
from stores.sealed_rows import check_keys
from stores.sealing import Cipher, open_cipher
from stores.vectors import PassageVectors

ASSETS = ROOT / "assets"
_LANGUAGES: tuple[Language, ...] = ("ru", "en")

log = logging.getLogger(__name__)


class WordLists(NamedTuple):
    """Other words for the same thing, in the question's language and in the other one."""

    synonyms: Synonyms
    translations: Table


def load_words() -> WordLists:
    """The word lists that passages are searched with."""
    return WordLists(load_synonyms(ASSETS / "synonyms.toml"), load_translations(ASSETS / "translations"))


class Dense(NamedTuple):
    """What makes vectors and keeps them; `encoder` says that they are a sentence encoder's, from a server, and then
    `added` keeps those of what staff publish."""

    vectors: PassageVectors
    embedder: Embedder
    encoder: bool
    added: AddedVectors | None


def open_dense(settings: Settings, folder: Path, *, space: str) -> Dense:
    """The vectors of the settings: of the embedded words, or of the encoder at a URL. Nothing is asked of it yet."""
    embedder = Embedder()
    encoder = None
    if settings.embeddings != "embedded":
        encoder = Encoder(settings.embeddings, settings.embeddings_model, settings.embeddings_api_key)
    vectors = PassageVectors(
        folder=folder / "chroma",
        embedder=encoder or embedder,
        embedder_name=(encoder or embedder).name,
        space=space,
        url=settings.chroma_url,
        in_background=encoder is not None,
    )
    return Dense(vectors, embedder, encoder is not None, AddedVectors(encoder) if encoder else None)


@dataclass(frozen=True)
class Ground:
    """What everything else stands on."""

    salon: Salon
    lexicon: Lexicon
    texts: dict[Language, Texts]
    model: LanguageModel
    engine: Engine
    cipher: Cipher
    in_force: InForce
    inventory: Inventory
    words: WordLists
    dense: Dense


def open_ground(settings: Settings, clock: Callable[[], datetime]) -> Ground:
    """Read the salon, open the database and what lies on the disk; raises as `services.open_services` does."""
    salon = load_salon(settings.salon)
    lexicon = load_lexicon(ASSETS, salon.brand, salon.folder)
    model = open_model(settings)
    model.check()
    _make_data_folder(settings)
    engine = open_database(settings.database_url)
    cipher = open_cipher(settings.sealing_keys, settings.data)
    check_keys(engine, cipher)
    return Ground(
        salon=salon,
        lexicon=lexicon,
        texts={language: load_texts(ASSETS, language, salon.currency) for language in _LANGUAGES},
        model=model,
        engine=engine,
        cipher=cipher,
        in_force=InForce(engine, salon, ASSETS, clock=clock),
        inventory=_read_anew(Inventory(engine, salon, lexicon, clock=clock, unfit=open_screen().cell)),
        words=load_words(),
        dense=open_dense(settings, settings.data, space=str(salon.folder.resolve())),
    )


def open_screen() -> Screen:
    """What looks for orders planted in articles, the brochure and the fields of cars."""
    return Screen(ASSETS / "guard")


def _read_anew(inventory: Inventory) -> Inventory:
    """The inventory, read anew; its operator is told of rows that were left out."""
    report = inventory.refresh()
    if report.rejected:
        log.warning(
            "Inventory: %d rows left out, the first: %s", len(report.rejected), report.rejected[0].reason
        )
    return inventory


class NoTopics:
    """No forbidden topics: what a salon does not talk about is no attack, and must not hide one."""

    def current(self) -> tuple[()]:
        """None."""
        return ()


def open_judges(settings: Settings, model: LanguageModel) -> list[Layer]:
    """The further layers of the guard that the settings ask for. Raises `EncoderUnusable`."""
    judges: list[Layer] = []
    if settings.guard_encoder is not None:
        judges.append(EncoderLayer(settings.guard_encoder))
    if settings.guard_judge:
        judges.append(JudgeLayer(model, prompt_model()))
    return judges


@cache
def prompt_model() -> GuardModel:
    """The classifier of prompts, read once."""
    return load_guard_model(ASSETS / "guard" / "models" / "prompt.npz")


def open_guard(
    topics: TopicSource,
    dense: Dense | None = None,
    lexicon: Lexicon | None = None,
    judges: Sequence[Layer] = (),
) -> Guard:
    """The guard, which takes no word of the salon's own brand for a forbidden topic; the classifier of
    prompts is asked after the rules and the topics, and `judges` last.

    Without topics (`NoTopics`) it needs neither the vectors nor the lexicon.
    """
    own_words: list[str] = []
    if lexicon is not None:
        called = [word for one in lexicon.classes for word in one.words]
        own_words = [*lexicon.brand_words, *lexicon.nicknames, *called]
    return Guard(
        topics,
        ASSETS / "guard",
        vectors=dense.embedder if dense else None,
        prompts=prompt_texts(),
        own_words=own_words,
        further=[ClassifierLayer(prompt_model()), *judges],
    )


def open_knowledge(sources: Sources, words: WordLists, dense: Dense) -> Refreshing:
    """The retriever over the brochure and the articles; a salon without a brochure works, and its operator is told."""
    marks, passages = sources.marks(), sources.load()
    if not any(passage.kind == "legend" for passage in passages):
        log.warning("%s has no legend.md: questions about the salon itself stay unanswered", sources.folder)
    retriever = Retriever(
        passages,
        dense.vectors,
        embedder=dense.embedder,
        encoder=dense.encoder,
        added=dense.added,
        synonyms=words.synonyms,
        translations=words.translations,
    )
    return Refreshing(sources, retriever, marks, passages)


def open_alerts(settings: Settings, ground: Ground, clock: Callable[[], datetime]) -> AlertSender:
    """What tells staff of new requests, in Russian."""
    webhook = settings.alert_webhook.get_secret_value() if settings.alert_webhook else None
    targets = alert_targets(
        smtp=settings.smtp,
        sender=settings.mail_from or ground.salon.email,
        addresses=settings.alert_mail,
        webhook=webhook,
        site=settings.site,
    )
    if settings.alert_mail and not settings.smtp:
        log.warning("SALON_ALERT_MAIL is set, but no mail server: SALON_SMTP_URL names one")
    return AlertSender(Alerts(ground.engine, clock=clock), targets, ground.salon, ground.texts["ru"])


def open_reranker(lexicon: Lexicon, words: WordLists) -> Reranker:
    """What orders passages; the brand's own words tell none from another."""
    brand = {part for word in lexicon.brand_words for part in (word, *word.replace("-", " ").split())}
    return Reranker(words.synonyms, frozenset(brand))


def open_router(lexicon: Lexicon, words: WordLists, dense: Dense, reranker: Reranker) -> Router:
    """What tells which question a message is: patterns, and the trained classifier."""
    model = load_model(ASSETS / "router" / "model.npz")
    classifier = Classifier(model, dense.embedder, words.synonyms, words.translations)
    topics = load_topics(ASSETS / "router" / "topics.toml")
    return load_router(ASSETS / "router.toml", lexicon.brand_words, reranker, classifier, topics)


def open_model(settings: Settings) -> LanguageModel:
    """The language model of the settings; nothing is loaded yet."""
    if settings.llm == "off":
        return LanguageModel.off()
    if settings.llm == "auto":
        return LanguageModel.embedded(
            settings.llm_model, ASSETS / "models.toml", settings.cache, settings.llm_threads
        )
    return LanguageModel.remote(settings.llm, settings.llm_model, settings.llm_api_key)


def _make_data_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"the data folder {settings.data} cannot be made: {error.strerror}"
        ) from error
