"""Read the environment: the only module that looks at os.environ or at an .env file.

A value is searched in the process environment, then in `.env` (written by a person), then in
`.run/local.env` (written by the local launcher when it starts its own servers).
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
PERSON_FILE = ROOT / ".env"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


class SettingError(ValueError):
    """A variable is missing or cannot be understood; the message names it."""


def parse(text: str) -> dict[str, str]:
    """Read `NAME=value` lines; blank lines and `#` comments are skipped, outer quotes removed."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if not sign or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name.removeprefix("export ").strip()] = value
    return values


@cache
def _file(path: Path) -> Mapping[str, str]:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError):
        return {}


def chosen(name: str) -> str | None:
    """Value given by a person (process environment or `.env`), else None."""
    return os.environ.get(name) or _file(PERSON_FILE).get(name) or None


def run_folder() -> Path:
    """Folder of everything that the local launcher makes: `.run`, or RUN_FOLDER."""
    return Path(chosen("RUN_FOLDER") or ROOT / ".run")


def text(name: str, default: str | None = None) -> str:
    """Value as text; raise SettingError when it is absent and has no default."""
    value = chosen(name) or _file(run_folder() / "local.env").get(name) or default
    if value is None:
        raise SettingError(f"Set {name} in the environment or in .env (see .env.example).")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Value as yes or no."""
    word = text(name, "yes" if default else "no").lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingError(f"{name} must be yes or no, not {word!r}.")


def number(name: str, default: int) -> int:
    """Value as a whole number."""
    word = text(name, str(default))
    try:
        return int(word)
    except ValueError as error:
        raise SettingError(f"{name} must be a whole number, not {word!r}.") from error


def words(name: str, default: str = "") -> list[str]:
    """Value as a list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?host=/socket/folder`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SettingError("DATABASE_URL must start with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }


def broker(url: str) -> str:
    """Celery's spelling of a Redis URL; a socket is `redis+socket://`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number_of_database = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number_of_database}"


def inherited(changes: Mapping[str, str]) -> dict[str, str]:
    """Environment for a child process: ours with `changes` on top."""
    return {**os.environ, **changes}


def use_settings(module: str) -> None:
    """Make `module` the settings unless the environment or `.env` names others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", chosen("DJANGO_SETTINGS_MODULE") or module)


def default(name: str, value: str) -> None:
    """Give `name` a value for the settings read after this, unless a person chose one."""
    if chosen(name) is None:
        os.environ[name] = value
