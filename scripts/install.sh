#!/bin/sh
# Makes a virtual environment of what a lock lists, by its hashes and without resolving: sh scripts/install.sh PYTHON VENV LOCK
# The Makefile and deploy/Containerfile both do; the service itself comes after it.
set -eu
python=$1 venv=$2 lock=$3
"$python" -m venv --clear "$venv"
install() {
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes "$@"
}
awk '/^[A-Za-z0-9]/ {keep = /^(setuptools|wheel)==/} keep' "$lock" >"$venv/build.lock"
install -r "$venv/build.lock" # some packages are built here, with these
install --no-build-isolation -r "$lock"
