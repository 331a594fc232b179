"""See that Chromium and a Chinese font are there for the browser tests; as root, install them."""

import os
import shutil
import subprocess
import sys

PACKAGES = {"chromium": "chromium", "font": "fonts-noto-cjk", "fc-list": "fontconfig"}


def missing() -> list[str]:
    """Debian packages that the browser tests still need."""
    wanted = [] if shutil.which("chromium") else [PACKAGES["chromium"]]
    if not shutil.which("fc-list"):
        return [*wanted, PACKAGES["fc-list"], PACKAGES["font"]]
    fonts = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"], check=False, capture_output=True, text=True
    )
    return wanted if fonts.stdout.strip() else [*wanted, PACKAGES["font"]]


def main() -> int:
    """Install what is missing, or say how; return the exit code."""
    wanted = missing()
    if not wanted:
        return 0
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *wanted]
    if os.getuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "--quiet"], check=True, env=environment)
        subprocess.run([*install, "--quiet"], check=True, env=environment)
        wanted = missing()
    if wanted:
        sys.stderr.write(f"The browser tests need more. As root: {' '.join(install)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
