#!/usr/bin/env bash
# Downloads the C sources of the H3 library with the Go client, which checks them against go.sum,
# and prints the folder that holds them. A second run costs milliseconds.
#   fetch.sh [CACHE]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/eider/deps}
module=$(awk '$1 == "require" {print $2}' "$here/go.mod")
version=$(awk '$1 == "require" {print $3}' "$here/go.mod")
folder=$cache/go/$module@$version

if [ ! -f "$folder/h3_h3api.h" ]; then
  mkdir -p "$cache/h3"
  exec 9>"$cache/h3/lock"
  flock 9
  # A copy, so that no Go release can rewrite the pinned files.
  cp "$here/go.mod" "$here/go.sum" "$cache/h3/"
  (cd "$cache/h3" &&
    GOMODCACHE=$cache/go GOFLAGS='-mod=mod -modcacherw' GOTOOLCHAIN=local go mod download "$module" >&2)
fi
echo "$folder"
