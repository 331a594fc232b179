"""The part of `make check` that needs Django: migrations, deployment and translations."""

import secrets
import subprocess
import sys

from config import env
from config.local import servers

# As in production, with addresses and a key of this moment only.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.base",
    "ALLOWED_HOSTS": "puhui.example",
    "CSRF_TRUSTED_ORIGINS": "https://puhui.example",
    "SITE_URL": "https://puhui.example",
}
CHECKS = [
    ({}, ["makemigrations", "--check", "--dry-run"]),
    (PRODUCTION, ["check", "--deploy", "--fail-level", "WARNING"]),
    ({}, ["messages", "check"]),
]


def main() -> int:
    """Run all checks, even after one failed; return the exit code."""
    failed = 0
    with servers.borrowed(servers.test()) as group:
        for changes, command in CHECKS:
            environment = env.inherited(
                {**group.addresses, "SECRET_KEY": secrets.token_urlsafe(50), **changes}
            )
            sys.stdout.write(f"manage.py {' '.join(command)}\n")
            sys.stdout.flush()
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                check=False,
                cwd=env.ROOT,
                env=environment,
            )
            failed |= done.returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
