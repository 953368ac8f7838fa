"""Settings of one running service. The only reader of the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SettingsError

HOME = Path(__file__).parent.parent
"""Where the service was set up. Its corpus and data are used from any folder that has no corpus of its own."""
MODEL = "multilingual-e5-small"
"""The model of passages and questions, unless another is chosen."""
SECOND = "all-mpnet-base-v2"
"""The model that reads questions beside it."""
THIRD = "all-minilm-l6-v2"
"""The model by which English questions and passages are compared beside it."""
SHORTEST_SECRET = 32
SAMPLES = frozenset({"changeme", "secret", "dev", "development", "test", "password", "your-secret-key", "sample"})


@dataclass(frozen=True)
class Settings:
    """Where things are and how the service runs. Paths may not exist yet."""

    corpus: Path
    data: Path
    """Everything the service writes: index, models, records."""
    model: str
    """The name of a packaged model, the path of a sentence-transformers folder, or ``none``."""
    encoder: str
    """``onnx`` reads with the exported weights, for the index and for questions; ``reference`` runs sentence-transformers itself."""
    production: bool
    secret: str
    trusted_proxies: int
    second: str = "none"
    """The name of the model that reads questions beside the first, or ``none``."""
    third: str = "none"
    """The name of the model by which English questions and passages are compared beside the first, or ``none``."""
    index_folder: Path | None = None
    """The folder of indexes, where it is not in ``data``."""
    hosts: frozenset[str] = frozenset()
    """Names by which the site is reached; requests that name another are refused. Empty: any."""
    limits: bool = True
    """Whether requests are counted; off only for measuring and for tests of the real server."""

    @property
    def index(self) -> Path:
        """The folder of indexes."""
        return self.index_folder or self.data / "index"

    @property
    def models(self) -> Path:
        """The folder of models made ready."""
        return self.data / "models"

    @property
    def packages(self) -> Path:
        """The folder of model packages as they were installed."""
        return self.data / "packages"

    @property
    def answers_off(self) -> Path:
        """While a file of this name is there, questions are heard for danger and not answered."""
        return self.data / "answers.off"

    @property
    def records(self) -> Path:
        """The database of attempts."""
        return self.data / "records.db"

    @property
    def official(self) -> Path:
        """The folder of official documents that are held."""
        return self.data / "official"

    @property
    def keys(self) -> Path:
        """The folder of the keys that sign certificates."""
        return self.data / "keys"


def from_environment(*, corpus: Path | None = None, index: Path | None = None) -> Settings:
    """Read the settings, with arguments of a command in the first place.

    Raises:
        SettingsError: a setting has a value that cannot be used.
    """
    home = Path(os.environ.get("ASSISTANT_HOME") or (Path.cwd() if Path("corpus", "corpus.yaml").is_file() else HOME))
    built = os.environ.get("ASSISTANT_INDEX", "")
    encoder = os.environ.get("ASSISTANT_ENCODER", "onnx")
    if encoder not in {"onnx", "reference"}:
        raise SettingsError("ASSISTANT_ENCODER is onnx or reference.")
    model = os.environ.get("ASSISTANT_MODEL", MODEL)
    proxies = os.environ.get("ASSISTANT_PROXIES", "0")
    if not (proxies.isascii() and proxies.isdigit()):
        raise SettingsError("ASSISTANT_PROXIES is a number: how many proxies stand in front of the service.")
    return Settings(
        corpus=corpus or Path(os.environ.get("ASSISTANT_CORPUS", home / "corpus")),
        data=Path(os.environ.get("ASSISTANT_DATA", home / "var")),
        index_folder=index or (Path(built) if built else None),
        model=model,
        second=_beside("ASSISTANT_SECOND_MODEL", SECOND, model),
        third=_beside("ASSISTANT_THIRD_MODEL", THIRD, model),
        encoder=encoder,
        production=os.environ.get("ASSISTANT_ENV", "development") == "production",
        secret=os.environ.get("ASSISTANT_SECRET", ""),
        trusted_proxies=int(proxies),
        hosts=frozenset(os.environ.get("ASSISTANT_HOSTS", "").lower().replace(",", " ").split()),
        limits=os.environ.get("ASSISTANT_LIMITS", "on") != "off",
    )


def _beside(name: str, usual: str, model: str) -> str:
    """A model beside the first, by the setting of that name; none goes with another first model than the usual one."""
    value = os.environ.get(name, usual if model == MODEL else "none")
    if value not in {usual, "none"}:
        raise SettingsError(f"{name} is {usual} or none.")
    return value


def signing_secret(settings: Settings) -> str:
    """The secret that signs forms and cookies.

    In development it is made once and kept in an ignored file that only its owner can read.

    Raises:
        SettingsError: in production it is missing, short or a sample; in development it cannot be kept. The message never shows it.
    """
    if settings.production:
        if not settings.secret:
            raise SettingsError("ASSISTANT_SECRET is not set. Set it to at least 32 random characters.")
        if len(settings.secret.encode()) < SHORTEST_SECRET:
            raise SettingsError("ASSISTANT_SECRET is too short. Set it to at least 32 random characters.")
        if settings.secret.strip().lower() in SAMPLES or len(set(settings.secret)) < 8:
            raise SettingsError("ASSISTANT_SECRET is a sample or too regular. Set it to at least 32 random characters.")
        if settings.data.exists() and settings.data.stat().st_mode & 0o007:
            raise SettingsError("The data folder can be read by others. Take away their rights: chmod o-rwx.")
        return settings.secret
    if settings.secret:
        return settings.secret
    try:
        return _kept_secret(settings.data)
    except OSError as fault:
        raise SettingsError(f"The data folder {settings.data} cannot be used: {fault.strerror}.") from fault


def _kept_secret(data: Path) -> str:
    kept = data / "secret"
    data.mkdir(parents=True, exist_ok=True)
    if not kept.is_file():
        aside = data / f".secret-{os.getpid()}"
        aside.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        aside.chmod(0o600)
        aside.replace(kept)
    return kept.read_text(encoding="utf-8").strip()
