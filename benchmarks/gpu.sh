#!/bin/sh
# All that is measured on a machine with a GPU, in one call: benchmarks/gpu.sh [options of benchmarks.gpu]
#
# Such a machine is often bare: JAX or PyTorch is there, and no way to install more. What else is needed travels in a
# folder of wheels, made where there is one (for that machine's Python):
#
#   pip download --dest wheels --only-binary :all: --python-version 3.12 \
#       keras babel jinja2 numpy platformdirs pydantic pytest rich ruamel.yaml typer
#   WHEELS=wheels benchmarks/gpu.sh
#
# They are unpacked into a folder of their own, behind what the machine has: its numpy and its JAX stay.
# PYTHON names another interpreter than python3. `benchmarks/gpu.sh --device cpu --scale small` is the rehearsal.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
if [ -n "${WHEELS:-}" ]; then
    room=$(mktemp -d)
    trap 'rm -rf "$room"' EXIT
    for wheel in "$WHEELS"/*.whl; do
        "$python" -m zipfile -e "$wheel" "$room/packages"
    done
    printf 'import sys\n\nsys.path.append(%s)\n' "'$room/packages'" >"$room/sitecustomize.py"
    PYTHONPATH=$room${PYTHONPATH:+:$PYTHONPATH}
    export PYTHONPATH
fi
lacking=$("$python" - babel jinja2 keras numpy platformdirs pydantic pytest rich ruamel typer <<'EOF'
import importlib.util
import sys

print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))
EOF
)
if [ -n "$lacking" ]; then
    echo "$python lacks: $lacking. Set WHEELS to a folder of wheels, or PYTHON to another interpreter." >&2
    exit 2
fi
"$python" -m benchmarks.gpu "$@"
