"""The way into the back office: log-in, set-up links, log-out, change of password, and the start page.

Plain HTML forms: they work without a script, and nothing of Gradio is reached by somebody who is not logged in.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from stores.errors import (
    AccountRefused,
    LoginRefused,
    LoginThrottled,
    NameInvalid,
    NameTaken,
    PasswordIsName,
    PasswordTooShort,
    SetupLinkInvalid,
    StoreError,
)
from stores.login_attempts import stranger
from ui.auth import LOGIN, ROOT, clear_token, member_of, member_or_none, safe_next, set_token, token_of
from ui.http.deps import client_address

if TYPE_CHECKING:
    from services import Services
    from stores.accounts import Login
    from ui.pages.staff.shell import Shell
    from ui.pages.staff.waiting import Waiting

LANGUAGE_SECONDS = 365 * 24 * 3600
_FIELDS, _MOST_BYTES = 8, 16 * 1024
Form = Mapping[str, str]


class Entrance:
    """The pages and forms of the entrance, over the accounts."""

    def __init__(self, services: "Services", shell: "Shell", waiting: "Waiting") -> None:
        self._accounts = services.accounts
        self._sessions = services.staff_sessions
        self._audit = services.audit
        self._shell = shell
        self._waiting = waiting

    # Pages --------------------------------------------------------------------------------------------------------

    def page(self, template: str, request: Request, status: int = 200, **values: object) -> HTMLResponse:
        """A page of the entrance; `problem` names a text that says what went wrong."""
        document = self._shell.render(template, request, **{"problem": "", **values})
        return HTMLResponse(document, status)

    def refuse(self, request: Request, status: int) -> Response:
        """What a browser shows in the place of a page that this person may not see."""
        if status == 401:
            return self._login_page(request, ROOT, 401, problem=self._say(request, "login.ended"))
        return self.page("refused", request, status)

    def _login_page(self, request: Request, target: str, status: int = 200, problem: str = "") -> Response:
        return self.page("login", request, status, next=target, problem=problem)

    def _say(self, request: Request, key: str, **values: object) -> str:
        return self._shell.texts_of(request)(key, **values)

    # What people do -----------------------------------------------------------------------------------------------

    async def show_login(self, request: Request) -> Response:
        """The form; who is logged in already goes on."""
        target = safe_next(request.query_params.get("next"))
        if member_or_none(request.scope):
            return RedirectResponse(target, 303)
        return self._login_page(request, target)

    async def log_in(self, request: Request) -> Response:
        """Judge name and password; a refusal does not tell which of them was wrong."""
        form = await _form(request)
        target = safe_next(form.get("next"))
        name, password = form.get("name", ""), form.get("password", "")
        address = client_address(request)
        try:
            login = await to_thread.run_sync(lambda: self._accounts.log_in(name, password, address=address))
        except LoginThrottled as error:
            await self._note(self._actor(name), "login.throttle", address)
            text = self._say(request, "login.throttled", wait=self._wait(request, error.retry_after))
            response = self._login_page(request, target, 429, text)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        except LoginRefused:
            await self._note(self._actor(name), "login.fail", address)
            return self._login_page(request, target, 401, self._say(request, "login.refused"))
        return await self._enter(request, login, "login.enter", target)

    async def log_out(self, request: Request) -> Response:
        """End this log-in."""
        member = member_of(request)
        await to_thread.run_sync(self._sessions.end, token_of(request) or "")
        await self._note(member.name, "login.leave", member.address)
        response = RedirectResponse(LOGIN, 303)
        clear_token(response, request)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def show_setup(self, request: Request, token: str) -> Response:
        """The form behind a set-up link; looking at it does not use it up."""
        try:
            link = await to_thread.run_sync(self._accounts.look_at_link, token)
        except SetupLinkInvalid:
            return self.page("setup_gone", request, 410)
        return self.page("setup", request, name=link.name, given="")

    async def set_up(self, request: Request, token: str) -> Response:
        """Set the password (of the first account: the name, too), and log in."""
        form = await _form(request)
        name, password = form.get("name", ""), form.get("password", "")
        address = client_address(request)
        try:
            link = await to_thread.run_sync(self._accounts.look_at_link, token)
        except SetupLinkInvalid:
            return self.page("setup_gone", request, 410)
        try:
            if password != form.get("again", ""):
                text = self._say(request, "password.differ")
                return self.page("setup", request, 422, name=link.name, given=name[:64], problem=text)
            login = await to_thread.run_sync(
                lambda: self._accounts.use_link(token, name=name, password=password, address=address)
            )
        except SetupLinkInvalid:
            return self.page("setup_gone", request, 410)
        except AccountRefused as error:
            text = self._fault(request, error)
            return self.page("setup", request, 422, name=link.name, given=name[:64], problem=text)
        return await self._enter(request, login, "account.setup", ROOT)

    async def show_password(self, request: Request) -> Response:
        """The form to change one's own password."""
        return self.page("password", request, done=request.query_params.get("done") == "1")

    async def change_password(self, request: Request) -> Response:
        """Change one's own password by the old one."""
        form, member = await _form(request), member_of(request)
        old, new = form.get("old", ""), form.get("password", "")
        if new != form.get("again", ""):
            return self._password_problem(request, self._say(request, "password.differ"))
        keep = token_of(request) or ""
        try:
            await to_thread.run_sync(
                lambda: self._accounts.change_password(
                    member.name, old, new, keep=keep, address=member.address
                )
            )
        except (LoginRefused, LoginThrottled, AccountRefused) as error:
            if isinstance(error, LoginRefused):
                await self._note(member.name, "password.fail", member.address)
            return self._password_problem(request, self._fault(request, error))
        await self._note(member.name, "password.change", member.address)
        return RedirectResponse(f"{ROOT}/password?done=1", 303)

    async def start(self, request: Request) -> Response:
        """The start page: where this person may go, and what waits there."""
        texts, member = self._shell.texts_of(request), member_of(request)
        notes = await to_thread.run_sync(self._waiting.of, member, texts)
        return self.page("home", request, pages=self._shell.links(member, texts), notes=notes)

    async def language(self, request: Request) -> Response:
        """Choose the language of the staff pages, and go back."""
        response = RedirectResponse(safe_next(request.query_params.get("next")), 303)
        chosen = request.query_params.get("to", "")
        if chosen in self._shell.texts:
            response.set_cookie(
                self._shell.language_cookie,
                chosen,
                max_age=LANGUAGE_SECONDS,
                path=ROOT,
                httponly=True,
                samesite="lax",
            )
        return response

    # Their parts --------------------------------------------------------------------------------------------------

    async def _enter(self, request: Request, login: "Login", action: str, target: str) -> Response:
        await self._note(login.name, action, client_address(request))
        response = RedirectResponse(target, 303)
        set_token(response, request, login.token)
        return response

    async def _note(self, actor: str, action: str, address: str | None) -> None:
        await to_thread.run_sync(lambda: self._audit.add(actor, action, address=address))

    def _actor(self, name: str) -> str:
        """Whom a failure is noted for: an account, or nobody's name, which may be a password in the wrong field."""
        try:
            return self._accounts.get(name).name
        except StoreError:
            return stranger(name)[:9]

    def _password_problem(self, request: Request, problem: str) -> Response:
        return self.page("password", request, 422, done=False, problem=problem)

    def _wait(self, request: Request, seconds: int) -> str:
        if seconds < 60:
            return self._say(request, "login.seconds", count=seconds)
        return self._say(request, "login.minutes", count=-(-seconds // 60))

    def _fault(self, request: Request, error: StoreError) -> str:
        if isinstance(error, PasswordTooShort):
            return self._say(request, "password.short", least=error.least)
        if isinstance(error, LoginThrottled):
            return self._say(request, "login.throttled", wait=self._wait(request, error.retry_after))
        key = next(
            (key for kind, key in _FAULTS.items() if isinstance(error, kind)),
            "password.refused",
        )
        return self._say(request, key)


_FAULTS: dict[type[StoreError], str] = {
    LoginRefused: "password.wrong",
    PasswordIsName: "password.weak",
    NameInvalid: "accounts.name_invalid",
    NameTaken: "accounts.name_taken",
}


def staff_routes(entrance: Entrance) -> APIRouter:
    """The routes of the entrance; who may reach them is judged by `ui.auth.StaffGuard` before."""
    router = APIRouter(include_in_schema=False)
    for path, method, call in (
        (LOGIN, "GET", entrance.show_login),
        (LOGIN, "POST", entrance.log_in),
        (f"{ROOT}/logout", "POST", entrance.log_out),
        (f"{ROOT}/setup/{{token}}", "GET", entrance.show_setup),
        (f"{ROOT}/setup/{{token}}", "POST", entrance.set_up),
        (f"{ROOT}/password", "GET", entrance.show_password),
        (f"{ROOT}/password", "POST", entrance.change_password),
        (f"{ROOT}/language", "GET", entrance.language),
        (ROOT, "GET", entrance.start),
    ):
        router.add_api_route(path, call, methods=[method], response_model=None)
    return router


async def _form(request: Request) -> Form:
    """The fields of a posted form; of what is no such form, or too large, there are none."""
    if (
        request.headers.get("content-type", "").partition(";")[0].strip()
        != "application/x-www-form-urlencoded"
    ):
        return {}
    body = await request.body()
    if len(body) > _MOST_BYTES:
        return {}
    try:
        return dict(
            parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)
        )
    except ValueError:
        return {}
