#!/usr/bin/env bash
# Put the latest commit of each learner's repository into collected/submitted/<learner>/<assignment>: the repositories
# of ORGANIZATION whose names begin with PREFIX and a hyphen, as GitHub Classroom names them. A learner is called as
# the rest of the name. Neither their history nor their settings are kept, and nothing of theirs is run here.
set -euo pipefail
mkdir -p collected/submitted
names=$(gh repo list "$ORGANIZATION" --limit 4000 --no-archived --json name --jq '.[].name')
for name in $names; do
  case $name in "$PREFIX"-?*) ;; *) continue ;; esac
  place=collected/submitted/${name#"$PREFIX"-}/$ASSIGNMENT
  # What an earlier run has left there is not what the learner has now.
  rm -rf "$place"
  mkdir -p "$(dirname "$place")"
  if gh repo clone "$ORGANIZATION/$name" "$place" -- --quiet --depth 1 --no-tags --config core.hooksPath=/dev/null; then
    rm -rf "$place/.git"
  else
    echo "::warning::$name could not be cloned: nothing of it is graded."
  fi
done
