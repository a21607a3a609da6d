"""``python3 start.py teardown``: delete what runs on an account have left behind.

python3 start.py teardown                          shows what is left, and asks for the number
python3 start.py teardown --number 123456789012    deletes what this course made there
python3 start.py teardown --number … --run 1a2b3c4d --region us-east-1
                                                   a run whose ledger is lost: by its tags alone
"""

from __future__ import annotations

import argparse
import sys

from helpers.cloud import guard
from helpers.cloud.account import checks, credentials, hosts, runs
from helpers.cloud.account.errors import AccountRefused, OutsideTheRun
from helpers.cloud.account.ledger import Story
from helpers.cloud.account.removing import remove
from helpers.cloud.account.sessions import AccountPlace
from helpers.cloud.errors import CloudError


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="start.py teardown", description=__doc__.split("\n")[0])
    parser.add_argument("--number", help="the account, twelve digits")
    parser.add_argument("--profile", help="the profile of ~/.aws (default: the run's own)")
    parser.add_argument("--region", default="us-east-1", help="of a run whose ledger is lost")
    parser.add_argument("--run", help="one run alone; also one whose ledger is lost")
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)  # a stand-in, on this machine alone
    options = parser.parse_args(words)
    try:
        return _clean_up(options)
    except CloudError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run it again to go on: python3 start.py teardown", file=sys.stderr)
        return 130


def _clean_up(options: argparse.Namespace) -> int:
    for story in runs.running():
        print(f"Still open in a notebook, and left alone: {runs.told(story)}.")
        if story.run == options.run:
            raise AccountRefused(
                f"Run {story.run} is still open in a notebook. Nothing was deleted. Close it "
                "there first: aws.close(), or shut its kernel down."
            )
    stories = [one for one in runs.unfinished() if options.run in (None, one.run)]
    if not stories and options.run and options.number:
        stories = [_lost(options)]
    if not stories:
        print("No run on an account was left behind: there is nothing to clean up.")
        return 0
    for story in stories:
        print(f"Not cleaned up: {runs.told(story)}.")
    number = options.number or _ask()
    if number is None:
        print(
            "\nNothing was deleted. Name the account to go on:\n"
            f"  python3 start.py teardown --number {stories[0].head['account']}",
            file=sys.stderr,
        )
        return 1
    number = checks.number(number)
    chosen = [one for one in stories if one.head["account"] == number]
    if not chosen:
        raise AccountRefused(f"None of these runs was on account {number}. Nothing was deleted.")
    return max(_remove(story, options.profile) for story in chosen)


def _lost(options: argparse.Namespace) -> Story:
    return runs.lost(
        options.run,
        checks.number(options.number),
        checks.region(options.region),
        checks.endpoint(options.endpoint),
        options.profile or credentials.PROFILE,
    )


def _ask() -> str | None:
    if not sys.stdin.isatty():
        return None
    return input("The number of the account to clean up, or Enter to stop: ").strip() or None


def _remove(story: Story, profile: str | None) -> int:
    head = story.head
    profile = profile or head["profile"]
    endpoint, region = checks.endpoint(head["endpoint"]), checks.region(head["region"])
    guard.lock(None if endpoint else hosts.allowed_in(region), OutsideTheRun)
    keys = credentials.session_of(profile).get_credentials()
    where = AccountPlace(head["account"], region, keys, endpoint)
    checks.identity(where, head["account"], profile)
    print(f"\nCleaning up run {story.run} …", flush=True)
    outcome = remove(where, story)
    print(outcome)
    if not outcome.is_clean:
        return 1
    runs.finish(story)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
