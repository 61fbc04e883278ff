#!/usr/bin/env bash
# Production is compared with the newest version that is tagged on main; before the first tag, with what is checked out.
set -euo pipefail
main="origin/${CI_DEFAULT_BRANCH:-main}"
if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  echo "the repository is here without its history, so its tags cannot be told: check it out whole" >&2
  exit 1
fi
# a version comes after what was released before it, as v1.2.0-rc.1
tag="$(git -c versionsort.suffix=- for-each-ref --count=1 --merged "$main" --sort=-version:refname --format='%(refname:short)' 'refs/tags/v[0-9]*')"
[ -z "$tag" ] || git checkout --quiet --detach "refs/tags/$tag"
git log -1 --format="compared with %h ${tag:-(no tag yet)}"
