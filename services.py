"""The composition root: every part opened once, by the settings, in one frozen dataclass.

Used by the app, the jobs and the tests alike; real parts by default.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Engine

from chains.alerts import AlertSender
from chains.answers.context import Data
from chains.answers.recall import Recall, load_patterns
from chains.answers.traps import load_traps
from chains.assistant import PATIENCE, Assistant, Patience
from chains.forms.dialogs import Forms
from chains.forms.saying import load_phrases
from chains.gap_drafts import GapDrafts
from chains.guard import Guard
from chains.llm import LanguageModel
from chains.model_reading import ModelReader, near_by_vectors
from chains.planning import Planner
from chains.post import Post, open_post
from chains.refreshing import Refreshing
from chains.remembered import Remembering
from chains.reply import Language
from chains.retrieval import Retriever
from chains.wording import Wording
from jobs import scheduler
from parts import (
    Ground,
    open_alerts,
    open_ground,
    open_guard,
    open_judges,
    open_knowledge,
    open_reranker,
    open_router,
    open_screen,
)
from settings import ROOT, Settings
from stores.accounts import Accounts
from stores.app_settings import AppSettings
from stores.audit import Audit
from stores.bookings import Bookings
from stores.callbacks import Callbacks
from stores.contacts import Contacts
from stores.corpora import Sources
from stores.dialog_search import DialogSearch
from stores.dialogs import Dialogs
from stores.forgetting import Forgetting, open_forgetting
from stores.in_force import InForce
from stores.inventory import Inventory
from stores.job_runs import JobRuns
from stores.knowledge import Knowledge
from stores.lexicon import Lexicon
from stores.mailings import Mailings
from stores.passages import Passage
from stores.receipts import Receipts
from stores.requests import Requests
from stores.reviews import Reviews
from stores.salon import Consent, Salon
from stores.sealing import Cipher
from stores.staff_sessions import StaffSessions
from stores.topics import Topics
from stores.vectors import PassageVectors
from stores.visitors import Visitors

ASSETS = ROOT / "assets"


@dataclass
class _Running:
    """What `start` has set going and `close` ends."""

    timetable: scheduler.Timetable | None = None


@dataclass(frozen=True)
class OfficeStores:
    """What only the back office and the clock look at."""

    accounts: Accounts
    staff_sessions: StaffSessions
    audit: Audit
    receipts: Receipts
    dialog_search: DialogSearch
    reviews: Reviews
    requests: Requests
    job_runs: JobRuns
    knowledge: Knowledge
    app_settings: AppSettings


@dataclass(frozen=True)
class Services(OfficeStores):
    """All parts of one assistant. `clock` gives the present moment, aware; tests put their own in its place."""

    settings: Settings
    in_force: InForce
    lexicon: Lexicon
    engine: Engine
    cipher: Cipher
    dialogs: Dialogs
    forgetting: Forgetting
    inventory: Inventory
    callbacks: Callbacks
    remembering: Remembering
    topics: Topics
    guard: Guard
    retriever: Retriever
    refreshing: Refreshing
    vectors: PassageVectors
    model: LanguageModel
    planner: Planner
    assistant: Assistant
    gap_drafts: GapDrafts
    forms: Forms
    post: Post | None
    alert_sender: AlertSender
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
    ground = open_ground(settings, clock)
    engine, cipher, salon = ground.engine, ground.cipher, ground.salon
    dialogs, topics = Dialogs(engine, clock=clock), Topics(engine, clock=clock)
    dialogs.recover()
    topics.seed(salon.folder)
    forgetting = open_forgetting(engine, cipher, settings.data, clock)
    remembering = Remembering(
        Visitors(engine, clock=clock), forgetting, ground.lexicon, ground.texts, clock=clock
    )
    sources = Sources(salon.folder, settings.data, screen=open_screen().kept)
    refreshing = open_knowledge(sources, ground.words, ground.dense)
    data = _open_data(ground, refreshing.retriever)
    guard = open_guard(topics, ground.dense, ground.lexicon, open_judges(settings, ground.model))
    desk = _open_desk(settings, ground, data, clock)
    planner = _open_planner(ground, data, guard, remembering, desk.forms)
    wording = Wording(ground.model, salon.name)
    assistant = Assistant(
        dialogs=dialogs,
        planner=planner,
        guard=guard,
        wording=wording,
        remembering=remembering,
        clock=clock,
        patience=patience,
    )
    return Services(
        **vars(_open_office(engine, cipher, clock)),
        **desk._asdict(),
        settings=settings,
        in_force=ground.in_force,
        lexicon=ground.lexicon,
        engine=engine,
        cipher=cipher,
        dialogs=dialogs,
        forgetting=forgetting,
        inventory=ground.inventory,
        remembering=remembering,
        topics=topics,
        guard=guard,
        retriever=data.retriever,
        refreshing=refreshing,
        vectors=ground.dense.vectors,
        model=ground.model,
        planner=planner,
        assistant=assistant,
        gap_drafts=GapDrafts(data, planner, guard, wording, ground.texts),
        clock=clock,
    )


def _open_data(ground: Ground, retriever: Retriever) -> Data:
    """What answers look at; it follows what admins change."""
    ground.in_force.on_change(lambda state: retriever.add(state.entries))
    ground.in_force.on_change(lambda state: ground.model.switch(state.model_enabled))
    return Data(ground.in_force, ground.lexicon, ground.inventory, retriever)


def _open_office(engine: Engine, cipher: Cipher, clock: Callable[[], datetime]) -> OfficeStores:
    return OfficeStores(
        accounts=Accounts(engine, clock=clock),
        staff_sessions=StaffSessions(engine, clock=clock),
        audit=Audit(engine, clock=clock),
        receipts=Receipts(engine),
        dialog_search=DialogSearch(engine),
        reviews=Reviews(engine, clock=clock),
        requests=Requests(engine, cipher, clock=clock),
        job_runs=JobRuns(engine),  # whether a process lives is told by the real time
        knowledge=Knowledge(engine, clock=clock),
        app_settings=AppSettings(engine, clock=clock),
    )


class _Desk(NamedTuple):
    """What takes down visitors' wishes and sees that people learn of them."""

    forms: Forms
    callbacks: Callbacks
    post: Post | None
    alert_sender: AlertSender


def _open_desk(settings: Settings, ground: Ground, data: Data, clock: Callable[[], datetime]) -> _Desk:
    engine, cipher, salon = ground.engine, ground.cipher, ground.salon

    def brochure() -> list[Passage]:
        """As the assistant knows it now: the file's sections, and what staff have published."""
        return [passage for passage in data.retriever.passages if passage.kind == "legend"]

    mailings = Mailings(engine, cipher, clock=clock)
    sender = settings.mail_from or salon.email
    post = open_post(settings.smtp, sender, mailings, salon, brochure, ground.texts)
    alert_sender = open_alerts(settings, ground, clock)
    channels = alert_sender.targets.channels
    callbacks = Callbacks(engine, cipher, clock=clock, alerts=channels)
    forms = Forms(
        data=data,
        phrases=load_phrases(ASSETS / "forms.toml"),
        texts=ground.texts,
        bookings=Bookings(engine, cipher, clock=clock, alerts=channels),
        callbacks=callbacks,
        contacts=Contacts(engine, cipher, clock=clock),
        mailings=mailings,
        sends_mail=post is not None,
        has_brochure=lambda: bool(brochure()),
    )
    return _Desk(forms, callbacks, post, alert_sender)


def _open_planner(
    ground: Ground, data: Data, guard: Guard, remembering: Remembering, forms: Forms
) -> Planner:
    """What plans answers, with everything that it looks up lazily looked up once."""
    reranker = open_reranker(ground.lexicon, ground.words)
    planner = Planner(
        data=data,
        router=open_router(ground.lexicon, ground.words, ground.dense, reranker),
        reranker=reranker,
        guard=guard,
        recall=Recall(remembering, ground.lexicon, ground.salon.name, load_patterns(ASSETS / "memory.toml")),
        traps=load_traps(ASSETS / "traps.toml"),
        texts=ground.texts,
        forms=forms,
        model_reader=ModelReader(ground.model, near_by_vectors(ground.dense.embedder.vector)),
    )
    planner.warm_up()
    return planner
