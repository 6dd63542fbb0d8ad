"""`python -m benchmarks`: everything. With a word behind it, a part.

`helpdesk`: cases opened over HTTP beside django-helpdesk; `claims`: claims and pages of the desk
with many disputes waiting; `profile`: where a lapse takes its time. What the first two find takes
its place among the other figures of results.json. `QUICK=1` measures with less. The servers are
its own.
"""

import os
import sys

import django

from benchmarks.servers import servers


def main() -> None:
    quick = os.environ.get("QUICK") == "1"
    with servers() as running:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        from benchmarks import run  # noqa: PLC0415 -- after django.setup()
        from benchmarks.profile import profile  # noqa: PLC0415 -- the same

        parts = {
            "": lambda: run.everything(running, quick=quick),
            "helpdesk": lambda: run.helpdesk(running, quick=quick),
            "claims": lambda: run.claims(quick=quick),
            "profile": profile,
        }
        asked = " ".join(sys.argv[1:])
        if asked not in parts:
            sys.exit(f"There is no part {asked}; there are: {', '.join(filter(None, parts))}")
        parts[asked]()


if __name__ == "__main__":
    main()
