"""Say whether Keras has been imported, and what standard input holds; end with the code that is given."""

import sys

print("warm:" if "keras" in sys.modules else "new:", sys.stdin.read())
sys.exit(int(sys.argv[1]))
