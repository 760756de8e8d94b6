#!/usr/bin/env bash
# run.sh GRAPHQL_CHECK: compares Eider with graphql-js on every document of corpus/. Needs Node 18 and npm; the package
# is kept in the cache folder, so only the first run needs the network.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
check=$(readlink -f "${1:?path of graphql_check}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eider/oracle-graphql-js
stamp=$(sha256sum "$here/package-lock.json" | cut -d' ' -f1)
if [ "$(cat "$cache/stamp" 2>/dev/null)" != "$stamp" ]; then
  mkdir -p "$cache"
  cp "$here/package.json" "$here/package-lock.json" "$cache/"
  (cd "$cache" && npm ci --no-audit --no-fund --loglevel=error)
  echo "$stamp" >"$cache/stamp"
fi
exec node "$here/compare.mjs" "$cache/node_modules/graphql/index.mjs" "$check"
