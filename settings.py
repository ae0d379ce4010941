"""Every setting of the assistant, typed.

Read by `app.py`, `services.py` and `jobs/__main__.py` only; everything else is handed what it needs.
Each setting is an environment variable `SALON_<NAME>` and may stand in `.env`.
"""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent


def _comma_separated(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


class Settings(BaseSettings):
    """Settings of one assistant; a wrong value raises pydantic's `ValidationError` naming the setting."""

    model_config = SettingsConfigDict(
        env_prefix="SALON_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    salon: Path = Field(default=ROOT / "assets" / "salon", description="the salon folder")
    data: Path = Field(default=Path("var"), description="folder of all state: database, vectors, snapshots")
    cache: Path = Field(
        default=user_cache_path("salon-assistant"), description="where model weights are kept"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=7860, ge=0, le=65535, description="port to listen on")
    db: str | None = Field(default=None, description="SQLAlchemy URL; SQLite in the data folder by default")
    chroma_url: str | None = Field(
        default=None, description="URL of a Chroma server; embedded Chroma by default"
    )
    embeddings: str = Field(
        default="embedded",
        description="embedded (word vectors), or the URL of an OpenAI-compatible server of a sentence encoder",
    )
    embeddings_model: str | None = Field(default=None, description="the encoder's name on its server")
    embeddings_api_key: SecretStr | None = Field(default=None, description="key for the encoder's server")
    llm: str = Field(
        default="auto", description="auto (embedded model), off, or the URL of an OpenAI-compatible server"
    )
    llm_model: str | None = Field(
        default=None, description="model name: of the registry with auto, of the server with a URL"
    )
    llm_api_key: SecretStr | None = Field(default=None, description="key for the model server")
    llm_threads: int | None = Field(default=None, ge=1, description="CPU threads of the embedded model")
    api_key: SecretStr | None = Field(
        default=None, description="key that /v1 asks for; required off loopback"
    )
    guard_encoder: Path | None = Field(
        default=None,
        description="folder of an ONNX classifier of attacks (model.onnx, tokenizer.json, config.json): a judge more",
    )
    guard_judge: bool = Field(
        default=False,
        description="whether the language model is asked about messages that the guard's classifier is in doubt about",
    )
    rate_limit: int | None = Field(default=20, ge=1, description="messages a minute and session, or off")
    address_rate_limit: int | None = Field(
        default=120, ge=1, description="messages and sessions a minute and address, or off"
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="addresses of proxies whose X-Forwarded-For is believed, comma-separated",
    )
    embed_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="origins of the sites that may embed the widget, comma-separated"
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="mail server: smtp://user:password@host:587?starttls, or smtps://…:465"
    )
    mail_from: str | None = Field(
        default=None, description="address that letters come from; the salon's by default"
    )
    contact_keys: SecretStr | None = Field(
        default=None,
        description="keys that visitors' contacts are sealed with, comma-separated, the newest first; by default "
        "contacts.key in the data folder",
    )
    alert_mail: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="addresses of staff that hear of each new call-back and test drive, comma-separated",
    )
    alert_webhook: SecretStr | None = Field(
        default=None, description="URL that is sent a JSON message about each new call-back and test drive"
    )
    public_url: str | None = Field(
        default=None, description="this application's address for people, for links in what it sends"
    )
    log_level: str = Field(default="info", description="debug, info, warning or error")

    @field_validator("rate_limit", "address_rate_limit", mode="before")
    @classmethod
    def _off_is_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() == "off" else value

    @field_validator("trusted_proxies", "embed_origins", "alert_mail", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return _comma_separated(value)

    @field_validator("llm")
    @classmethod
    def _llm_is_known(cls, value: str) -> str:
        if value in {"auto", "off"} or value.startswith(("http://", "https://")):
            return value
        raise ValueError("must be auto, off or the URL of an OpenAI-compatible server")

    @field_validator("smtp_url")
    @classmethod
    def _smtp_is_understood(cls, value: SecretStr | None) -> SecretStr | None:
        parsed = urlsplit(value.get_secret_value()) if value else None
        if parsed and (parsed.scheme not in {"smtp", "smtps"} or not parsed.hostname):
            raise ValueError("must be like smtp://user:password@host:587?starttls or smtps://host:465")
        return value

    @field_validator("alert_mail")
    @classmethod
    def _addresses_are_some(cls, value: list[str]) -> list[str]:
        for address in value:
            local, at, domain = address.rpartition("@")
            if not (at and local and "." in domain.strip(".")) or any(map(str.isspace, address)):
                raise ValueError("must be e-mail addresses, separated by commas")
        return value

    @field_validator("alert_webhook")
    @classmethod
    def _webhook_is_a_url(cls, value: SecretStr | None) -> SecretStr | None:
        parsed = urlsplit(value.get_secret_value()) if value else None
        if parsed and (parsed.scheme not in {"http", "https"} or not parsed.hostname):
            raise ValueError("must be like https://host/path")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_a_url(cls, value: str | None) -> str | None:
        parsed = urlsplit(value) if value else None
        if parsed and (parsed.scheme not in {"http", "https"} or not parsed.hostname or parsed.query):
            raise ValueError("must be like https://assistant.dealer.example")
        return value.rstrip("/") if value else None

    @field_validator("embeddings")
    @classmethod
    def _embeddings_are_known(cls, value: str) -> str:
        if value == "embedded" or value.startswith(("http://", "https://")):
            return value
        raise ValueError("must be embedded or the URL of an OpenAI-compatible server")

    @field_validator("log_level")
    @classmethod
    def _level_is_known(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @property
    def sealing_keys(self) -> list[str]:
        """The keys to visitors' contacts, the newest first; none where the data folder's file has them."""
        return _comma_separated(self.contact_keys.get_secret_value()) if self.contact_keys else []

    @property
    def smtp(self) -> str | None:
        """The URL of the mail server with its password, None where none is set."""
        return self.smtp_url.get_secret_value() if self.smtp_url else None

    @property
    def site(self) -> str:
        """This application's address without a slash at its end."""
        host = "localhost" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not listened on
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force; the SQLite file lies in the data folder."""
        return self.db or f"sqlite:///{(self.data / 'salon.db').as_posix()}"
