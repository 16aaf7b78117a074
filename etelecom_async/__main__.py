"""Run the command `etelecom` as `python -m etelecom_async`."""

import sys

from etelecom_async.cli import main

sys.exit(main())
