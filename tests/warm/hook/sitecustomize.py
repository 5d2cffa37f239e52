"""A new interpreter with this folder on PYTHONPATH starts the package's own programs by the warm server."""

import os
import runpy
import subprocess
from pathlib import Path

scope = runpy.run_path(str(Path(__file__).parents[1] / "starting.py"))
subprocess.Popen = scope["warm_popen"]()
os.posix_spawn = scope["warm_posix_spawn"]
