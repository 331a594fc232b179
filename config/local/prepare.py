"""Bring the database up to date: migrate, load the demo city into an empty one, list sign-ins.

The first argument, when given, names the database role that the running product gets.
"""

import sys

import django
from django.core.management import call_command, get_commands

from config import env


def main() -> None:
    """Run the commands in one process; a second start must be quick."""
    env.use_settings("config.settings.dev")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    for role in sys.argv[1:]:
        call_command("application_role", role, verbosity=0)
    if env.flag("DEMO_CITY", default=True) and "seed_demo" in get_commands():
        call_command("seed_demo", if_empty=True)


if __name__ == "__main__":
    main()
