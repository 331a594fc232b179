#!/usr/bin/env python
"""Run one of Django's management commands."""

import sys

from django.core.management import execute_from_command_line

from config import env


def main() -> None:
    """Run the command named on the command line, with the development settings unless told."""
    env.use_settings("config.settings.dev")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
