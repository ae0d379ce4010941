"""The accounts of the salon's people, for admins: who may log in, as what; links to set a password."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import gradio as gr

from stores.accounts import Account
from stores.errors import AccountNotFound, LastAdmin, NameInvalid, NameTaken, SetupLinkInvalid, StoreError
from stores.staff_sessions import ROLES, Role
from ui.auth import SETUP, StaffMember, member_of
from ui.pages.staff.parts import PRIVATE, alert, badge, done, heading, said_html, staff_blocks, table
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from services import Services

_PROBLEMS: dict[type[StoreError], str] = {
    NameInvalid: "accounts.name_invalid",
    NameTaken: "accounts.name_taken",
    LastAdmin: "accounts.last_admin",
    AccountNotFound: "accounts.unknown",
    SetupLinkInvalid: "accounts.closed",
}


class Said(NamedTuple):
    """What came of a click: a word on it as HTML, and the link to hand on, if there is one."""

    html: str
    link: str = ""


class Staff:
    """What the page shows and does; everything done is noted in the audit log."""

    def __init__(self, services: "Services", texts: Texts) -> None:
        self._accounts = services.accounts
        self._audit = services.audit
        self._zone = services.salon.zone
        self._texts = texts

    def html(self) -> str:
        """All accounts as a table."""
        heads = [self._texts(f"accounts.{name}") for name in ("name", "role", "state", "changed")]
        return table(heads, [self._row(account) for account in self._accounts.all()], empty="—")

    def names(self) -> list[str]:
        """The accounts that something can be done to."""
        return [account.name for account in self._accounts.all()]

    def roles(self) -> list[tuple[str, Role]]:
        """The choices of a role, as words."""
        return [(self._texts(f"accounts.role_{role}"), role) for role in ROLES]

    def add(self, name: str, role: Role, member: StaffMember) -> Said:
        """Make an account, and a link for whoever it is for."""

        def make() -> Said:
            token = self._accounts.add(name, role)
            self._note(member, "account.add", name, role=role)
            return self._link(token, member, "accounts.added", name)

        return self._try(make)

    def renew(self, name: str, member: StaffMember) -> Said:
        """A link that sets the password anew."""

        def make() -> Said:
            token = self._accounts.reset_link(name)
            self._note(member, "account.reset", name)
            return self._link(token, member, "accounts.renewed", name)

        return self._try(make)

    def set_role(self, name: str, role: Role, member: StaffMember) -> Said:
        """Make somebody staff or admin."""

        def change() -> Said:
            self._accounts.set_role(name, role)
            self._note(member, "account.role", name, role=role)
            text = self._texts("accounts.role_set", name=name, role=self._texts(f"accounts.role_{role}"))
            return Said(done(text))

        return self._try(change)

    def set_active(self, name: str, active: bool, member: StaffMember) -> Said:
        """Open or close an account."""

        def change() -> Said:
            if active:
                self._accounts.activate(name)
            else:
                self._accounts.deactivate(name)
            self._note(member, "account.activate" if active else "account.deactivate", name)
            return Said(done(self._texts("accounts.opened" if active else "accounts.shut", name=name)))

        return self._try(change)

    def _try(self, change: Callable[[], Said]) -> Said:
        try:
            return change()
        except tuple(_PROBLEMS) as error:
            return Said(alert(self._texts(_PROBLEMS[type(error)])))

    def _link(self, token: str, member: StaffMember, key: str, name: str) -> Said:
        return Said(done(self._texts(key, name=name)), f"{member.site}{SETUP}/{token}")

    def _note(self, member: StaffMember, action: str, name: str, **details: str) -> None:
        known = self._accounts.get(name).name
        self._audit.add(member.name, action, f"account:{known}", details, member.address)

    def _row(self, account: Account) -> list[str]:
        if not account.active:
            state = badge(self._texts("accounts.state_closed"), "bad")
        elif account.ready:
            state = badge(self._texts("accounts.state_active"), "good")
        else:
            state = badge(self._texts("accounts.state_waits"), "new")
        changed = account.password_changed_at
        when = f"{changed.astimezone(self._zone):%d.%m.%Y}" if changed else "—"
        role = self._texts(f"accounts.role_{account.role}")
        return [escape(account.name), escape(role), state, f'<span class="time">{when}</span>']


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page: the accounts, a form for a new one, and what can be done to each."""
    staff = Staff(services, texts)
    with staff_blocks(texts("accounts.title")) as blocks:
        heading(texts("accounts.title"), texts("accounts.intro"))
        shown = gr.HTML()
        said = said_html()
        link = gr.Textbox(
            label=texts("accounts.link"), interactive=False, visible=False, buttons=["copy"], elem_id="link"
        )
        with gr.Row():
            with gr.Column(elem_classes="office-panel"):
                gr.HTML(f"<h2>{escape(texts('accounts.new'))}</h2>")
                name = gr.Textbox(
                    label=texts("login.name"), info=texts("accounts.name_hint"), max_length=64, max_lines=1
                )
                role = gr.Radio(staff.roles(), value="staff", label=texts("accounts.role"))
                add = gr.Button(texts("accounts.add"), variant="primary")
            with gr.Column(elem_classes="office-panel"):
                gr.HTML(f"<h2>{escape(texts('accounts.change'))}</h2>")
                who = gr.Dropdown([], label=texts("accounts.who"))
                new_role = gr.Radio(staff.roles(), value="staff", label=texts("accounts.role"))
                with gr.Row():
                    save = gr.Button(texts("accounts.set_role"))
                    renew = gr.Button(texts("accounts.renew"))
                with gr.Row():
                    shut = gr.Button(texts("accounts.close"), variant="stop")
                    reopen = gr.Button(texts("accounts.open"))
        outputs = [shown, said, link, who]

        def told(result: Said) -> tuple[Any, ...]:
            shown_link = gr.update(value=result.link, visible=bool(result.link))
            return staff.html(), result.html, shown_link, gr.update(choices=staff.names())

        def on_add(name: str, role: str, request: gr.Request) -> tuple[Any, ...]:
            return told(staff.add(name, cast("Role", role), member_of(request)))

        def on_role(name: str | None, role: str, request: gr.Request) -> tuple[Any, ...]:
            return told(staff.set_role(name or "", cast("Role", role), member_of(request)))

        def on_renew(name: str | None, request: gr.Request) -> tuple[Any, ...]:
            return told(staff.renew(name or "", member_of(request)))

        def on_shut(name: str | None, request: gr.Request) -> tuple[Any, ...]:
            return told(staff.set_active(name or "", False, member_of(request)))

        def on_open(name: str | None, request: gr.Request) -> tuple[Any, ...]:
            return told(staff.set_active(name or "", True, member_of(request)))

        blocks.load(lambda: told(Said("")), None, outputs, **PRIVATE)
        gr.on([add.click, name.submit], on_add, [name, role], outputs, **PRIVATE)
        save.click(on_role, [who, new_role], outputs, **PRIVATE)
        renew.click(on_renew, [who], outputs, **PRIVATE)
        shut.click(on_shut, [who], outputs, **PRIVATE)
        reopen.click(on_open, [who], outputs, **PRIVATE)
    return blocks
