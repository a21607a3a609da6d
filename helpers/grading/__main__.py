"""``python -m helpers.grading``, which `python3 start.py grade` runs."""

import sys

from helpers.grading.command import main

sys.exit(main())
