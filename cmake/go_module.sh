#!/usr/bin/env bash
# Downloads the sources of a pinned Go module with the Go client, which checks them against go.sum,
# and prints the folder that holds them. A second run costs milliseconds.
#   go_module.sh NAME HEADER [CACHE]     NAME: a folder beside this file with go.mod and go.sum;
#                                        HEADER: a file of the module by which it is known to be whole
set -euo pipefail
name=$1 header=$2
pins=$(cd "$(dirname "$0")" && pwd)/$name
cache=${3:-${XDG_CACHE_HOME:-$HOME/.cache}/eider/deps}
module=$(awk '$1 == "require" {print $2}' "$pins/go.mod")
version=$(awk '$1 == "require" {print $3}' "$pins/go.mod")
folder=$cache/go/$module@$version

if [ ! -f "$folder/$header" ]; then
  mkdir -p "$cache/$name"
  exec 9>"$cache/$name/lock"
  flock 9
  # A copy, so that no Go release can rewrite the pinned files.
  cp "$pins/go.mod" "$pins/go.sum" "$cache/$name/"
  (cd "$cache/$name" &&
    GOMODCACHE=$cache/go GOFLAGS='-mod=mod -modcacherw' GOTOOLCHAIN=local go mod download "$module" >&2)
fi
echo "$folder"
