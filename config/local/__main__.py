"""Command line of the launcher: `python -m config.local run|up|stop|status|services`."""

import argparse
import sys

from config.local import launcher
from config.local.processes import LauncherError

VERBS = {
    "run": launcher.run,
    "up": launcher.up,
    "stop": launcher.stop,
    "status": launcher.status,
    "services": launcher.services,
}


def main() -> int:
    """Do what is asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.local", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    try:
        return VERBS[parser.parse_args().verb]()
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
