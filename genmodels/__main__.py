"""`python -m genmodels`: the command line."""

import sys

from genmodels.cli.main import start

if __name__ == "__main__":
    sys.exit(start())
