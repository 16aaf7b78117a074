"""`python -m etelecom_async` is the command `etelecom`."""

import sys

from etelecom_async.cli import main

sys.exit(main())
