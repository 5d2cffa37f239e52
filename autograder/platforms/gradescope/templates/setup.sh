#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder: an interpreter that students' code may read,
# apart from /autograder, which it may not.
set -euo pipefail
umask 022
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1
source=${GRADESCOPE_ROOT:-/autograder}/source
place=${GRADESCOPE_PLACE:-/opt/beyond-sequential}

# From Python 3.11 on; TensorFlow has no wheels for 3.14 yet.
fits() { "$1" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }
python=
for name in python3 python3.13 python3.12 python3.11; do
  if fits "$name"; then python=$name; break; fi
done
if [ -z "$python" ]; then
  apt-get update
  for name in python3.12 python3.11; do
    if apt-get install -y --no-install-recommends "$name" "$name-venv" && fits "$name"; then python=$name; break; fi
  done
fi
if [ -z "$python" ]; then
  echo "Python 3.11, 3.12 or 3.13 is needed: choose Ubuntu 22.04 or 24.04 as the base image." >&2
  exit 1
fi
# The jail needs it, and most images have it.
ldconfig -p | grep libseccomp.so.2 >/dev/null || { apt-get update; apt-get install -y --no-install-recommends libseccomp2; }

"$python" -m venv --clear "$place"
"$place/bin/pip" install --no-cache-dir --requirement "$source/requirements.txt"
"$place/bin/pip" install --no-cache-dir --no-deps "$source"/beyond_sequential_engine-*.whl
# The checks and solutions are root's alone; `run_autograder` sees to that again before it runs anything.
chmod -R o= "$source"
echo "A container of {{ memory }} MiB of memory is the least; where notebooks train models, give it 1.5 GB."
