"""The composition root: every part opened once, by the settings, in one frozen dataclass.

Used by the app, the jobs and the tests alike; real parts by default.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from chains.alerts import AlertSender, alert_targets
from chains.answers.context import Data
from chains.answers.recall import Recall, load_patterns
from chains.answers.traps import load_traps
from chains.assistant import PATIENCE, Assistant, Patience
from chains.embeddings import Embedder
from chains.encoder import Encoder
from chains.forms.dialogs import Forms
from chains.forms.saying import load_phrases
from chains.guard import Guard
from chains.intents import Classifier, load_model
from chains.llm import LanguageModel
from chains.model_reading import ModelReader, near_by_vectors
from chains.planning import Planner
from chains.post import Post, open_post
from chains.refreshing import Refreshing
from chains.remembered import Remembering
from chains.reply import Language
from chains.reranking import Reranker
from chains.retrieval import Retriever, Synonyms, load_synonyms
from chains.router import Router, load_router, load_topics
from chains.texts import Texts, load_texts
from chains.translations import Table, load_translations
from chains.wording import Wording, prompt_texts
from jobs import scheduler
from settings import ROOT, Settings
from stores.accounts import Accounts
from stores.alerts import Alerts, Channel
from stores.app_settings import AppSettings
from stores.audit import Audit
from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.contacts import Contacts
from stores.corpora import Sources
from stores.database import open_database
from stores.dialog_search import DialogSearch
from stores.dialogs import Dialogs
from stores.errors import DatabaseUnavailable
from stores.forgetting import Forgetting, open_forgetting
from stores.in_force import InForce
from stores.inventory import Inventory
from stores.job_runs import JobRuns
from stores.knowledge import Knowledge
from stores.legend import load_legend
from stores.lexicon import Lexicon, load_lexicon
from stores.mailings import Mailings
from stores.receipts import Receipts
from stores.requests import Requests
from stores.reviews import Reviews
from stores.salon import Consent, Salon, load_salon
from stores.sealed_rows import check_keys
from stores.sealing import Cipher, open_cipher
from stores.staff_sessions import StaffSessions
from stores.topics import Topics
from stores.vectors import PassageVectors
from stores.visitors import Visitors

ASSETS = ROOT / "assets"
_LANGUAGES: tuple[Language, ...] = ("ru", "en")

log = logging.getLogger(__name__)


@dataclass
class _Running:
    """What `start` has set going and `close` ends."""

    timetable: scheduler.Timetable | None = None


@dataclass(frozen=True)
class Services:
    """All parts of one assistant. `clock` gives the present moment, aware; tests put their own in its place."""

    settings: Settings
    in_force: InForce
    lexicon: Lexicon
    engine: Engine
    cipher: Cipher
    dialogs: Dialogs
    forgetting: Forgetting
    receipts: Receipts
    inventory: Inventory
    callbacks: Callbacks
    remembering: Remembering
    topics: Topics
    guard: Guard
    app_settings: AppSettings
    accounts: Accounts
    staff_sessions: StaffSessions
    audit: Audit
    retriever: Retriever
    refreshing: Refreshing
    vectors: PassageVectors
    model: LanguageModel
    planner: Planner
    assistant: Assistant
    forms: Forms
    post: Post | None
    alert_sender: AlertSender
    dialog_search: DialogSearch
    reviews: Reviews
    requests: Requests
    job_runs: JobRuns
    knowledge: Knowledge
    clock: Callable[[], datetime]
    _running: _Running = field(default_factory=_Running)

    @property
    def salon(self) -> Salon:
        """The salon with the opening hours in force."""
        return self.in_force.current().salon

    def consent(self, language: Language) -> Consent:
        """The consent text in force; both languages have one version."""
        return self.in_force.current().consents[language]

    def start(self) -> None:
        """Bring up the language model and the timetable, and return at once."""
        self.model.start()
        self.in_force.watch()
        self._running.timetable = scheduler.start(self)

    def close(self) -> None:
        """End the timetable, give the model up, close stores; may be called again."""
        if self._running.timetable is not None:
            self._running.timetable.shutdown()
        self.in_force.close()
        self.model.close()
        self.vectors.close()
        self.engine.dispose()


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def open_services(
    settings: Settings, clock: Callable[[], datetime] = now, patience: Patience = PATIENCE
) -> Services:
    """Open everything; nothing runs in the background before `Services.start`.

    `patience` is how long a visitor waits for words.

    Raises:
        SalonFolderError, InventoryUnreadable, DatabaseUnavailable, KeyUnusable, UnknownModel: with one sentence for
            the operator.
        ModelUnavailable: the model server named by `--llm URL` does not answer.
    """
    salon = load_salon(settings.salon)
    lexicon = load_lexicon(ASSETS, salon.brand, salon.folder)
    model = _open_model(settings)
    model.check()
    _make_data_folder(settings)
    engine = open_database(settings.database_url)
    cipher = open_cipher(settings.sealing_keys, settings.data)
    check_keys(engine, cipher)
    in_force = InForce(engine, salon, ASSETS)
    inventory = _open_inventory(engine, salon, lexicon)
    dialogs, topics = Dialogs(engine), Topics(engine)
    dialogs.recover()
    topics.seed(salon.folder)
    texts = {language: load_texts(ASSETS, language, salon.currency) for language in _LANGUAGES}
    remembering = Remembering(Visitors(engine), lexicon, texts)
    words, dense = load_words(), open_dense(settings, settings.data, space=str(salon.folder.resolve()))
    refreshing = _open_knowledge(Sources(salon.folder, settings.data), words, dense)
    data = Data(in_force, lexicon, inventory, refreshing.retriever)
    in_force.on_change(lambda state: data.retriever.add(state.entries))
    in_force.on_change(lambda state: model.switch(state.model_enabled))
    reranker = _open_reranker(lexicon, words)
    guard = _open_guard(topics, dense, lexicon)
    legend = load_legend(salon.folder / "legend.md", optional=True)
    post = open_post(
        settings.smtp, settings.mail_from or salon.email, Mailings(engine, cipher), salon, legend, texts
    )
    alert_sender = _open_alerts(settings, engine, salon, texts)
    channels = alert_sender.targets.channels
    forms = _open_forms(
        engine, cipher, data, texts, clock, channels, sends_mail=post is not None, has_brochure=bool(legend)
    )
    planner = Planner(
        data=data,
        router=_open_router(lexicon, words, dense, reranker),
        reranker=reranker,
        guard=guard,
        recall=Recall(remembering, lexicon, salon.name, load_patterns(ASSETS / "memory.toml")),
        traps=load_traps(ASSETS / "traps.toml"),
        texts=texts,
        forms=forms,
        model_reader=ModelReader(model, near_by_vectors(dense.embedder.vector)),
    )
    planner.warm_up()
    assistant = Assistant(
        dialogs=dialogs,
        planner=planner,
        guard=guard,
        wording=Wording(model, salon.name),
        remembering=remembering,
        clock=clock,
        patience=patience,
    )
    return Services(
        settings=settings,
        in_force=in_force,
        lexicon=lexicon,
        engine=engine,
        cipher=cipher,
        dialogs=dialogs,
        forgetting=open_forgetting(engine, cipher, settings.data, clock),
        receipts=Receipts(engine),
        inventory=inventory,
        callbacks=Callbacks(engine, cipher, alerts=channels),
        remembering=remembering,
        topics=topics,
        guard=guard,
        app_settings=AppSettings(engine),
        accounts=Accounts(engine, clock=clock),
        staff_sessions=StaffSessions(engine, clock=clock),
        audit=Audit(engine, clock=clock),
        retriever=data.retriever,
        refreshing=refreshing,
        vectors=dense.vectors,
        model=model,
        planner=planner,
        assistant=assistant,
        forms=forms,
        post=post,
        alert_sender=alert_sender,
        dialog_search=DialogSearch(engine),
        reviews=Reviews(engine),
        requests=Requests(engine, cipher),
        job_runs=JobRuns(engine),
        knowledge=Knowledge(engine),
        clock=clock,
    )


class WordLists(NamedTuple):
    """Other words for the same thing, in the question's language and in the other one."""

    synonyms: Synonyms
    translations: Table


def load_words() -> WordLists:
    """The word lists that passages are searched with."""
    return WordLists(load_synonyms(ASSETS / "synonyms.toml"), load_translations(ASSETS / "translations"))


class Dense(NamedTuple):
    """What makes vectors and keeps them; `encoder` says that they are a sentence encoder's, from a server."""

    vectors: PassageVectors
    embedder: Embedder
    encoder: bool


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
    return Dense(vectors, embedder, encoder is not None)


def _open_inventory(engine: Engine, salon: Salon, lexicon: Lexicon) -> Inventory:
    """The inventory, read anew; its operator is told of rows that were left out."""
    inventory = Inventory(engine, salon, lexicon)
    report = inventory.refresh()
    if report.rejected:
        log.warning(
            "Inventory: %d rows left out, the first: %s", len(report.rejected), report.rejected[0].reason
        )
    return inventory


def _open_guard(topics: Topics, dense: Dense, lexicon: Lexicon) -> Guard:
    called = [word for one in lexicon.classes for word in one.words]
    own_words = [*lexicon.brand_words, *lexicon.nicknames, *called]
    prompts = prompt_texts()
    return Guard(topics, ASSETS / "guard", vectors=dense.embedder, prompts=prompts, own_words=own_words)


def _open_knowledge(sources: Sources, words: WordLists, dense: Dense) -> Refreshing:
    """The retriever over the brochure and the articles; a salon without a brochure works, and its operator is told."""
    marks, passages = sources.marks(), sources.load()
    if not any(passage.kind == "legend" for passage in passages):
        log.warning("%s has no legend.md: questions about the salon itself stay unanswered", sources.folder)
    retriever = Retriever(
        passages,
        dense.vectors,
        embedder=dense.embedder,
        encoder=dense.encoder,
        synonyms=words.synonyms,
        translations=words.translations,
    )
    return Refreshing(sources, retriever, marks, passages)


def _open_forms(
    engine: Engine,
    cipher: Cipher,
    data: Data,
    texts: Mapping[Language, Texts],
    clock: Callable[[], datetime],
    alerts: tuple[Channel, ...],
    *,
    sends_mail: bool,
    has_brochure: bool,
) -> Forms:
    return Forms(
        data=data,
        phrases=load_phrases(ASSETS / "forms.toml"),
        texts=texts,
        bookings=Bookings(engine, cipher, clock=clock, alerts=alerts),
        callbacks=Callbacks(engine, cipher, alerts=alerts),
        contacts=Contacts(engine, cipher),
        mailings=Mailings(engine, cipher),
        sends_mail=sends_mail,
        has_brochure=has_brochure,
    )


def _open_alerts(
    settings: Settings, engine: Engine, salon: Salon, texts: Mapping[Language, Texts]
) -> AlertSender:
    """What tells staff of new requests, in Russian."""
    webhook = settings.alert_webhook.get_secret_value() if settings.alert_webhook else None
    targets = alert_targets(
        smtp=settings.smtp,
        sender=settings.mail_from or salon.email,
        addresses=settings.alert_mail,
        webhook=webhook,
        site=settings.site,
    )
    if settings.alert_mail and not settings.smtp:
        log.warning("SALON_ALERT_MAIL is set, but no mail server: SALON_SMTP_URL names one")
    return AlertSender(Alerts(engine), targets, salon, texts["ru"])


def _open_reranker(lexicon: Lexicon, words: WordLists) -> Reranker:
    brand = {part for word in lexicon.brand_words for part in (word, *word.replace("-", " ").split())}
    return Reranker(words.synonyms, frozenset(brand))


def _open_router(lexicon: Lexicon, words: WordLists, dense: Dense, reranker: Reranker) -> Router:
    model = load_model(ASSETS / "router" / "model.npz")
    classifier = Classifier(model, dense.embedder, words.synonyms, words.translations)
    topics = load_topics(ASSETS / "router" / "topics.toml")
    return load_router(ASSETS / "router.toml", lexicon.brand_words, reranker, classifier, topics)


def _open_model(settings: Settings) -> LanguageModel:
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
