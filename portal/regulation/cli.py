"""Operator commands for whoever writes profiles."""

from pathlib import Path

import click

from portal.regulation.loader import PROFILES, RegulationInvalid, load_rulebook


@click.group()
def rules() -> None:
    """Check the regulation profiles."""


@rules.command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False), default=PROFILES)
def check(directory: Path) -> None:
    """Load a directory of profiles as the portal would at start, and name every problem."""
    try:
        book = load_rulebook(directory)
    except RegulationInvalid as invalid:
        for problem in invalid.problems:
            click.echo(problem, err=True)
        raise SystemExit(1) from None
    entries = sum(len(profile.rules) for profile in book.profiles)
    click.echo(f"{len(book.profiles)} texts, {entries} rules: in order")
