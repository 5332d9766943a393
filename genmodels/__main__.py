"""`python -m genmodels`: the command line."""

import signal
import sys

from genmodels.cli.main import main

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what is half-written is removed
    sys.exit(main())
