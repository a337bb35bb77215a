"""`portal demo …`: load the city, list its logins, run its devices."""

import sys
from collections.abc import Sequence

import click

_MOST_CAMERAS = 2_000_000


@click.group()
def demo() -> None:
    """The demonstration city and its simulated cameras."""


@demo.command()
@click.option(
    "--cameras", type=click.IntRange(0, _MOST_CAMERAS), default=None, help="How many cameras, at least 1,000."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Another city for another seed."
)
def load(*, cameras: int | None, seed: int) -> None:
    """Fill an empty registry with the demonstration city."""
    from portal.demo.commands import load_demo

    sys.exit(load_demo(cameras=cameras, seed=seed))


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def accounts(*, as_json: bool) -> None:
    """List the demonstration's logins: one for every role."""
    from portal.demo.commands import list_accounts

    sys.exit(list_accounts(as_json=as_json))


@demo.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def devices(*, arguments: Sequence[str]) -> None:
    """Run the simulated cameras, or change one while they run."""
    from portal.demo.devices.cli import main

    sys.exit(main(list(arguments)))


@click.command("seed-check")
@click.option("--canaries", is_flag=True, help="Tell the canaries too: every text that must not leak.")
def seed_check(*, canaries: bool) -> None:
    """Load the small fixture world that outside checks use, and print it as JSON (check profile only)."""
    from portal.demo.commands import seed_check as run

    sys.exit(run(canaries=canaries))
