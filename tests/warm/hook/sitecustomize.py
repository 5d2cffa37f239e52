"""A new interpreter with this folder on PYTHONPATH starts the package's own programs by the warm server."""

import runpy
import subprocess
from pathlib import Path

subprocess.Popen = runpy.run_path(str(Path(__file__).parents[1] / "starting.py"))["WarmPopen"]
