#!/usr/bin/env bash
# Resolves pyproject.toml anew and writes requirements.lock, for a developer's machine, and deploy/requirements.lock, for one
# that only serves: names, versions, hashes and markers, and no address of a registry.
# For developers who change a dependency; needs uv on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# face-recognition asks for dlib (a source build of a quarter of an hour); dlib-bin provides the same module.
echo 'dlib ; sys_platform == "never"' >"$work/override.txt"

lock() { # lock FILE OPTION...
  local file=$1
  shift
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
    --override "$work/override.txt" "$@" pyproject.toml -o "$work/lock.txt"
  {
    echo "# Every package with its hashes, written by scripts/lock.sh; installed without resolving."
    awk '/^[A-Za-z0-9]/ {skip = /^dlib==/} !skip' "$work/lock.txt"
  } >"$file"
  if grep -n '://' "$file"; then
    echo "an address of a registry stands in $file" >&2
    exit 1
  fi
}

lock requirements.lock --extra postgres --extra milvus --extra cluster --extra evaluate --extra sso --extra notify --group dev
sed 's/ *\\$//; /^ *--hash/d' requirements.lock >"$work/versions.txt"
lock deploy/requirements.lock --extra postgres --extra sso --extra notify --constraint "$work/versions.txt"
