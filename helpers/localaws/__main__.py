"""The command line of the local AWS: ``python -m helpers.localaws``."""

import argparse
import os

from helpers.localaws.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.localaws",
        description="A local AWS whose Lambda functions really run. Prints one JSON line "
        "with its URL when it answers.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="the port to listen on (default: any free one)"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="run until Ctrl-C or SIGTERM, instead of ending when standard input closes",
    )
    parser.add_argument("--token", help="the control interface's token (default: a random one)")
    parser.add_argument(
        "--door",
        default=os.environ.get("LOCALAWS_DOOR"),
        help="a UNIX socket to listen on as well, for callers who are being judged: AWS's calls "
        "only (default: what LOCALAWS_DOOR names)",
    )
    options = parser.parse_args()
    serve(port=options.port, keep=options.keep, token=options.token, door=options.door)


if __name__ == "__main__":
    main()
