"""``python3 start.py teardown``: delete what runs on an account have left behind.

python3 start.py teardown                          shows what is left, and asks for the number
python3 start.py teardown --number 123456789012    deletes what this course made there
python3 start.py teardown --number … --run 1a2b3c4d
                                                   a run whose ledger is lost: by its tags alone, in
                                                   every region (or in one: --region us-east-1)
"""

from __future__ import annotations

import argparse
import sys

from helpers.cloud import guard
from helpers.cloud.account import checks, credentials, elsewhere, hosts, runs
from helpers.cloud.account.errors import AccountRefused, OutsideTheRun
from helpers.cloud.account.ledger import Story
from helpers.cloud.account.removing import remove
from helpers.cloud.account.sessions import AccountPlace
from helpers.cloud.errors import CloudError


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="start.py teardown", description=__doc__.split("\n")[0])
    parser.add_argument("--number", help="the account, twelve digits")
    parser.add_argument("--profile", help="the profile of ~/.aws (default: the run's own)")
    parser.add_argument("--region", help="of a run whose ledger is lost (default: look in all)")
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
        return _remove_lost(options)
    if not stories:
        print("No run on an account was left behind: there is nothing to clean up.")
        return _name_lost(options) if options.number else 0
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


def _remove_lost(options: argparse.Namespace) -> int:
    """Look for a run in one region, or in all of them one after the other."""
    number, endpoint = checks.number(options.number), checks.endpoint(options.endpoint)
    profile = options.profile or credentials.PROFILE
    regions = [checks.region(options.region)] if options.region else hosts.REGIONS
    print(f"No ledger here tells of run {options.run}: its tags do.")
    worst = 0
    for region in regions:
        story = runs.lost(options.run, number, region, endpoint, profile)
        worst = max(worst, _remove(story))
        if runs.is_nothing(story):
            story.path.unlink()
    return worst


def _name_lost(options: argparse.Namespace) -> int:
    """Look for tags of runs that no ledger here tells of; deletes nothing."""
    number, endpoint = checks.number(options.number), checks.endpoint(options.endpoint)
    profile = options.profile or credentials.PROFILE
    where = _place(number, "us-east-1", endpoint, profile)
    found = elsewhere.runs(where, hosts.REGIONS)
    for (region, run), names in found.items():
        print(f"Run {run} has left in {region}: {', '.join(names[:6])}, {len(names)} in all.")
        print(f"  python3 start.py teardown --number {number} --run {run}")
    if not found:
        print(f"Nor does a tag of this course show one, in {len(hosts.REGIONS)} regions.")
    return 0


def _ask() -> str | None:
    if not sys.stdin.isatty():
        return None
    return input("The number of the account to clean up, or Enter to stop: ").strip() or None


def _place(number: str, region: str, endpoint: str | None, profile: str) -> AccountPlace:
    """Where a login leads. Raises AccountRefused unless it is that account."""
    guard.lock(None if endpoint else hosts.allowed_in(region), OutsideTheRun)
    keys = credentials.session_of(profile).get_credentials()
    where = AccountPlace(number, region, keys, endpoint)
    checks.identity(where, number, profile)
    return where


def _remove(story: Story, profile: str | None = None) -> int:
    head = story.head
    endpoint, region = checks.endpoint(head["endpoint"]), checks.region(head["region"])
    where = _place(head["account"], region, endpoint, profile or head["profile"])
    print(f"\nCleaning up run {story.run} in {region} …", flush=True)
    outcome = remove(where, story)
    print(outcome)
    if not outcome.is_clean:
        return 1
    runs.finish(story)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
