"""What the portal offers, as data: every route with its permission, every permission with who holds it.

For checks from outside: they walk these lists instead of guessing addresses.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from portal.accounts.guards import permission_of
from portal.accounts.policy import GRANTS
from portal.app import PortalApp, create_app
from portal.config import Settings, load_settings
from portal.core.crypto import KeyRole, create_key_file

AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


def list_routes(app: PortalApp) -> list[dict[str, Any]]:
    """Every rule with its methods, its endpoint, and its permission or the reason why it needs none."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, each.endpoint)):
        view = app.view_functions[rule.endpoint]
        permission = permission_of(app, rule.endpoint)
        found.append(
            {
                "rule": rule.rule,
                "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
                "endpoint": rule.endpoint,
                "arguments": {name: type(rule._converters[name]).__name__ for name in sorted(rule.arguments)},
                "permission": str(permission) if permission else None,
                "object": str(permission).split(":")[1] if permission else None,
                "public": None if permission else str(getattr(view, "__public__", "static files")),
            }
        )
    return found


def list_policy() -> list[dict[str, Any]]:
    """Every permission with the roles that carry it and how far each reaches."""
    return [
        {
            "permission": str(permission),
            "grants": {str(role): str(reach) for role, reach in sorted(grants.items())},
        }
        for permission, grants in sorted(GRANTS.items())
    ]


@contextmanager
def _settings() -> Iterator[Settings]:
    """The environment's settings, or stand-ins when there are none: the lists depend on neither keys nor database."""
    try:
        yield load_settings()
    except ValidationError:
        with tempfile.TemporaryDirectory() as name:
            for role in KeyRole:
                create_key_file(Path(name), role, "k1")
            yield load_settings(
                profile="check",
                database_url="postgresql+psycopg2:///none",
                data_dir=Path(name),
                secret_key="-" * 32,
                scope_key="-" * 32,
                field_keys_dir=Path(name),
            )


@click.command()
@AS_JSON
def routes(*, as_json: bool) -> None:
    """Print every route with its permission."""
    with _settings() as settings:
        found = list_routes(create_app(settings))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        guard = each["permission"] or f"public: {each['public']}"
        click.echo(f"{','.join(each['methods']):10} {each['rule']:60} {guard}")


@click.command()
@AS_JSON
def policy(*, as_json: bool) -> None:
    """Print who may do what, and how far it reaches."""
    found = list_policy()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each['permission']:34} {', '.join(f'{role}={reach}' for role, reach in each['grants'].items())}")
