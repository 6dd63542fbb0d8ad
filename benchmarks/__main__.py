"""`python -m benchmarks`: everything.

`python -m benchmarks profile`: where a lapse takes its time; `… claims`: how long a claim takes.
`QUICK=1` measures with 100,000 pending clocks instead of a million. The servers are its own.
"""

import os
import sys

import django

from benchmarks.servers import servers


def main() -> None:
    with servers() as running:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        if sys.argv[1:] == ["profile"]:
            from benchmarks.profile import profile  # noqa: PLC0415 -- after django.setup()

            profile()
        elif sys.argv[1:] == ["claims"]:
            from benchmarks.claims import claims  # noqa: PLC0415 -- the same

            claims(quick=os.environ.get("QUICK") == "1")
        else:
            from benchmarks.run import run  # noqa: PLC0415 -- the same

            run(running, quick=os.environ.get("QUICK") == "1")


if __name__ == "__main__":
    main()
