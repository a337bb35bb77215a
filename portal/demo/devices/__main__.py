"""`python -m portal.demo.devices`: the same as `portal demo devices`."""

import sys

from portal.demo.devices.cli import main

sys.exit(main())
