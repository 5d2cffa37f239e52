"""Has the warm server start a program; passes on signals, the end, and all that it was started with itself.

python tests/warm/stand_in.py -m module words…
"""

import sys

sys.path.insert(0, __file__.rpartition("/")[0])

from starting import stand_in  # type: ignore[import-not-found]

stand_in(sys.argv[1:])
