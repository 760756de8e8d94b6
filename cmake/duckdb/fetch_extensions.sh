#!/usr/bin/env bash
# Downloads the engine's extensions with pip, which checks them against extensions.txt, and prints the folder for the
# option EXTENSION_DIRECTORY. A second run costs milliseconds.
#   fetch_extensions.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/eider/extensions}
stamp=$(sha256sum "$here/extensions.txt" | cut -d' ' -f1)

if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ]; then
  mkdir -p "$folder"
  exec 9>"$folder/lock"
  flock 9
  if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ]; then
    scratch=$(mktemp -d "$folder/fetch.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --no-cache-dir \
      -d "$scratch" -r "$here/extensions.txt" >&2
    for wheel in "$scratch"/*.whl; do
      version=$(unzip -Z1 "$wheel" | sed -nE 's|.*/extensions/(v[^/]+)/[^/]+\.duckdb_extension$|\1|p')
      [ -n "$version" ] || { echo "no extension in $(basename "$wheel")" >&2; exit 1; }
      unzip -qoj "$wheel" '*.duckdb_extension' -d "$scratch/unpacked"
      mkdir -p "$folder/$version/linux_amd64"
      mv "$scratch"/unpacked/*.duckdb_extension "$folder/$version/linux_amd64/"
    done
    echo "$stamp" >"$folder/stamp"
  fi
fi
echo "$folder"
