#!/usr/bin/env bash
# Make .venv from the hashed lock file. uv is taken from the PATH, else installed, hashed, under .run/uv.
set -euo pipefail
cd "$(dirname "$0")/../.."

if uv --version >/dev/null 2>&1; then
  uv=uv
else
  uv=.run/uv/bin/uv
  python="${PYTHON3:-python3}"
  if ! "$uv" --version >/dev/null 2>&1; then
    mkdir -p .run
    rm -rf .run/uv
    if "$python" -m venv .run/uv >/dev/null 2>&1; then
      .run/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
    elif "$python" -m pip --version >/dev/null 2>&1; then
      "$python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --target .run/uv -r requirements-uv.lock
    else
      echo "Python's venv module is missing. Install it: apt-get install python3-venv" >&2
      exit 1
    fi
  fi
fi

"$uv" venv --quiet --allow-existing --no-python-downloads --python '>=3.11' .venv
# Bytecode now, so that the first start is as quick as the next.
"$uv" pip sync --quiet --require-hashes --compile-bytecode --python .venv requirements-dev.lock
