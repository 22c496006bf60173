"""`python -m hexr_autoinst.cli` is `hexr-autoinst`."""

import sys

from hexr_autoinst.cli import main

sys.exit(main())
