"""The one place where an error becomes an answer: RFC 9457 problem documents, and OpenAI's shape under `/v1`.

An answer says what the caller can do, in the visitor's language; it never holds a stack trace, and never what the
visitor has written, which may be personal data.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chains.errors import ConsentMissing, EmptyMessage, MessageTooLong, ModelUnavailable
from stores.errors import (
    AlreadyRated,
    ConsentOutdated,
    DatabaseUnavailable,
    DialogEnded,
    DialogNotFound,
    InventoryUnreadable,
    NotFound,
    StoreError,
    TurnNotFound,
    VisitorNotFound,
)
from ui.http.errors import (
    BadCompletion,
    KeyMissing,
    KeyUnset,
    ModelUnknown,
    MomentInvalid,
    PhoneInvalid,
    RateLimited,
    SalonClosed,
)
from ui.http.languages import language_of_request

log = logging.getLogger(__name__)

OPENAI_PREFIX = "/v1/"


@dataclass(frozen=True)
class Problem:
    """A kind of problem: `slug` names it for programs, `ru` and `en` tell people what to do."""

    status: int
    slug: str
    title: str
    ru: str
    en: str

    @property
    def type(self) -> str:
        """The problem type URI; `about:blank` where the status code says it all."""
        return f"urn:problem-type:salon:{self.slug}" if self.slug else "about:blank"


def _plain(status: int, ru: str, en: str) -> Problem:
    return Problem(status, "", HTTPStatus(status).phrase, ru, en)


BODY_TOO_LARGE = _plain(413, "Запрос слишком большой.", "The request body is too large.")
NOT_JSON = Problem(
    400,
    "not-json",
    "Body is not JSON",
    "Тело запроса должно быть документом JSON в кодировке UTF-8.",
    "The body must be a JSON document in UTF-8.",
)
INVALID = Problem(
    422,
    "invalid-request",
    "Invalid request",
    "Запрос заполнен неверно. Проверьте: {fields}.",
    "The request is not valid. Please check: {fields}.",
)
UNEXPECTED = _plain(
    500,
    "Что-то пошло не так на нашей стороне. Попробуйте ещё раз чуть позже.",
    "Something went wrong on our side. Please try again a little later.",
)
UNAVAILABLE = _plain(
    503,
    "Сервис временно недоступен. Попробуйте ещё раз чуть позже.",
    "The service is temporarily unavailable. Please try again a little later.",
)
FOREIGN = Problem(
    403,
    "foreign-origin",
    "Request from another site",
    "Этот запрос отправлен с другого сайта.",
    "This request was sent by another site.",
)
NOT_LOGGED_IN = Problem(
    401,
    "not-logged-in",
    "Not logged in",
    "Войдите в рабочее место сотрудника.",
    "Please log in to the back office.",
)
NOT_ALLOWED = Problem(
    403,
    "not-allowed",
    "Not allowed",
    "Этот раздел доступен только администратору.",
    "This part is for admins only.",
)

BY_STATUS = {
    problem.status: problem
    for problem in (
        _plain(400, "Запрос не удалось прочитать.", "The request could not be read."),
        _plain(404, "Такой страницы нет.", "There is no such page."),
        _plain(405, "Этот метод здесь не поддерживается.", "This method is not supported here."),
        BODY_TOO_LARGE,
    )
}

BY_ERROR: dict[type[Exception], Problem] = {
    DialogNotFound: Problem(
        404,
        "dialog-not-found",
        "No such dialog",
        "Такого диалога нет: он не начинался или уже удалён.",
        "There is no such dialog: it was never opened or has been forgotten.",
    ),
    TurnNotFound: Problem(
        404, "turn-not-found", "No such turn", "Такой реплики нет.", "There is no such turn."
    ),
    VisitorNotFound: Problem(
        404,
        "visitor-not-found",
        "No such visitor",
        "Мы вас не помним: сведения уже удалены. Начните диалог заново.",
        "We do not remember you: the data has been deleted. Please start afresh.",
    ),
    NotFound: Problem(404, "not-found", "Not found", "Такой записи нет.", "There is no such record."),
    DialogEnded: Problem(
        409,
        "dialog-ended",
        "Dialog has ended",
        "Этот диалог завершён. Чтобы спросить ещё, начните новый.",
        "This dialog has ended. To ask more, please start a new one.",
    ),
    ConsentOutdated: Problem(
        409,
        "consent-outdated",
        "Consent text has changed",
        "Текст согласия изменился. Прочитайте его ещё раз и подтвердите.",
        "The consent text has changed. Please read it again and confirm.",
    ),
    AlreadyRated: Problem(
        409,
        "already-rated",
        "Already rated",
        "Вы уже оценили этот диалог. Спасибо!",
        "You have already rated this dialog. Thank you!",
    ),
    ConsentMissing: Problem(
        403,
        "consent-missing",
        "Consent is missing",
        "Чтобы начать, нужно ваше согласие на обработку персональных данных.",
        "To begin, we need your consent to the processing of personal data.",
    ),
    EmptyMessage: Problem(
        422, "empty-message", "Empty message", "Напишите, пожалуйста, вопрос.", "Please write a question."
    ),
    MessageTooLong: Problem(
        413,
        "message-too-long",
        "Message too long",
        "Сообщение слишком длинное: не больше {limit} символов.",
        "The message is too long: at most {limit} characters.",
    ),
    RateLimited: Problem(
        429,
        "too-many-requests",
        "Too many requests",
        "Слишком много сообщений подряд. Подождите, пожалуйста, {retry_after} с.",
        "Too many messages in a row. Please wait {retry_after} s.",
    ),
    SalonClosed: Problem(
        409,
        "salon-closed",
        "The salon is closed",
        "Сейчас салон закрыт, заказать звонок можно в рабочие часы.",
        "The salon is closed now; a call-back can be ordered in opening hours.",
    ),
    PhoneInvalid: Problem(
        422,
        "phone-invalid",
        "Not a telephone number",
        "Не похоже на номер телефона. Проверьте его, пожалуйста.",
        "This does not look like a telephone number. Please check it.",
    ),
    MomentInvalid: Problem(
        422,
        "moment-invalid",
        "Not a date and time",
        "Параметр at: дата и время в виде 2026-11-21T12:30.",
        "Parameter at: a date and time like 2026-11-21T12:30.",
    ),
    KeyMissing: Problem(
        401,
        "key-missing",
        "Key required",
        "Нужен верный ключ: Authorization: Bearer …",
        "A valid key is required: Authorization: Bearer …",
    ),
    KeyUnset: Problem(
        401,
        "key-unset",
        "Key not configured",
        "Этот вход закрыт: в настройках не задан ключ SALON_API_KEY.",
        "This door is closed: the operator has not set SALON_API_KEY.",
    ),
    ModelUnknown: Problem(
        404,
        "model_not_found",
        "No such model",
        "Такой модели здесь нет; есть salon-assistant.",
        "There is no such model here; there is salon-assistant.",
    ),
    BadCompletion: Problem(400, "invalid_value", "Bad completion request", "{reason}", "{reason}"),
    ModelUnavailable: UNAVAILABLE,
    DatabaseUnavailable: UNAVAILABLE,
    InventoryUnreadable: UNAVAILABLE,
    StoreError: UNAVAILABLE,
}


def problem_of(error: Exception) -> Problem:
    """The kind of problem that an error is; the nearest named ancestor, else an unexpected one."""
    for kind in type(error).__mro__:
        if kind in BY_ERROR:
            return BY_ERROR[kind]
    return UNEXPECTED


def describe(request: Request, error: Exception) -> dict[str, Any]:
    """The problem document of an error, for where it is a part of something else (an event of a stream)."""
    return _document(request, problem_of(error), _values(error))


def openai_document(problem: Problem, error: Exception) -> dict[str, Any]:
    """The document of an error in OpenAI's shape, for an event of a stream."""
    values = _values(error)
    return _openai_document(problem, problem.status, values, values.get("parameter"))


def answer(
    request: Request,
    problem: Problem,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The response that tells a caller about a problem, in the shape that the path promises."""
    values = values or {}
    sent = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", **(headers or {})}
    if request.url.path.startswith(OPENAI_PREFIX):
        # OpenAI's own servers answer what does not validate with 400, and its clients expect that.
        status = 400 if problem is INVALID else problem.status
        parameter = values.get("parameter") or (errors[0]["field"] if errors else None)
        return JSONResponse(_openai_document(problem, status, values, parameter), status, headers=sent)
    document = _document(request, problem, values)
    if errors:
        document["errors"] = list(errors)
    return JSONResponse(document, problem.status, headers=sent, media_type="application/problem+json")


class CatchUnexpected:
    """ASGI middleware, the innermost: an error that nobody expected goes to the log, the caller gets a problem.

    Starlette's own place for it is outside all other middleware, where the answer would lack their headers, and it
    breaks the connection after each such answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except HTTPException:
            raise  # the body limit's, on its way out
        except Exception:
            if started:
                raise
            log.exception("a %s request failed unexpectedly", scope["method"])
            await answer(Request(scope), UNEXPECTED)(scope, receive, send)


def install(app: FastAPI) -> None:
    """Make the application answer every error with a problem document."""

    async def on_known(request: Request, error: Exception) -> JSONResponse:
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, RateLimited) else {}
        if isinstance(error, KeyMissing | KeyUnset):
            headers["WWW-Authenticate"] = "Bearer"
        return answer(request, problem_of(error), values=_values(error), headers=headers)

    async def on_invalid(request: Request, error: Exception) -> JSONResponse:
        found = cast("RequestValidationError", error).errors()
        if any(item["type"] == "json_invalid" for item in found):
            return answer(request, NOT_JSON)
        errors = [{"field": _field(item["loc"]), "detail": str(item["msg"])} for item in found]
        fields = ", ".join(dict.fromkeys(item["field"] for item in errors))
        return answer(request, INVALID, values={"fields": fields}, errors=errors)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        error = cast("HTTPException", error)
        problem = BY_STATUS.get(error.status_code) or _plain(error.status_code, error.detail, error.detail)
        if error.status_code == 400 and request.headers.get("content-type", "").startswith(
            "application/json"
        ):
            problem = NOT_JSON  # FastAPI's answer to a body that is no UTF-8
        return answer(request, problem, headers=error.headers)

    async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
        return answer(
            request, UNEXPECTED
        )  # of a middleware; Starlette raises it again, so that the log has it

    for kind in BY_ERROR:
        app.add_exception_handler(kind, on_known)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_unexpected)


def _values(error: Exception) -> dict[str, Any]:
    return {"reason": str(error)} | {
        name: getattr(error, name) for name in ("limit", "retry_after", "parameter") if hasattr(error, name)
    }


def _document(request: Request, problem: Problem, values: Mapping[str, Any]) -> dict[str, Any]:
    text = problem.ru if language_of_request(request) == "ru" else problem.en
    return {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": text.format_map(values) if values else text,
    }


def _openai_document(
    problem: Problem, status: int, values: Mapping[str, Any], parameter: str | None
) -> dict[str, Any]:
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {
        "error": {
            "message": problem.en.format_map(values) if values else problem.en,
            "type": kind,
            "param": parameter,
            "code": problem.slug or None,
        }
    }


def _field(location: Sequence[str | int]) -> str:
    """`("body", "messages", 0, "role")` as `messages.0.role`; a fault of the whole body is `body`."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:]) or parts[0] if parts else "body"
