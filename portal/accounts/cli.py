"""`portal first-admins`: the three administrators of an empty portal."""

import getpass
import secrets

import click

LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@click.command("first-admins")
@click.option("--system", "system_name", required=True, help="The system administrator's name.")
@click.option("--security", "security_name", required=True, help="The security administrator's name.")
@click.option("--audit", "audit_name", required=True, help="The audit administrator's name.")
def first_admins(*, system_name: str, security_name: str, audit_name: str) -> None:
    """Open the accounts of the three administrators of an empty portal, and print their first passwords once.

    Three different people: none of them can do another's work. All other accounts are proposed by the system
    administrator and approved by the security administrator, on the portal's own pages.
    """
    from portal.accounts.operations.founding import FirstAdministrator, found_portal
    from portal.accounts.values import Role, system_identity
    from portal.config import load_settings
    from portal.core.clock import utcnow
    from portal.core.db import open_database
    from portal.core.errors import PortalError

    settings = load_settings()
    chosen = {
        role: FirstAdministrator(name=name, login=login, password=_first_password())
        for role, name, login in (
            (Role.SYSTEM_ADMIN, system_name, "sysadmin"),
            (Role.SECURITY_ADMIN, security_name, "secadmin"),
            (Role.AUDIT_ADMIN, audit_name, "auditadmin"),
        )
    }
    database = open_database(settings)
    try:
        with database.transaction() as session:
            found_portal(
                session,
                actor=system_identity(f"operator {getpass.getuser()}"),
                city_code=settings.city_code,
                organ_name=settings.organ_name,
                administrators=chosen,
                now=utcnow(),
            )
    except PortalError as refusal:
        told = {
            "accounts_exist": "已有账号，本命令不再可用。 There are accounts already: this command is for an empty portal.",
        }.get(refusal.code, "三名管理员须为不同的人。 The three administrators must be three different people.")
        raise click.ClickException(told) from refusal
    finally:
        database.dispose()
    click.echo("首次登录须更改口令。 To be changed at the first sign-in; printed only once:\n")
    for administrator in chosen.values():
        click.echo(f"  {administrator.login:12} {administrator.password}   {administrator.name}")


def _first_password() -> str:
    """Sixteen characters in groups, none that look alike, with a digit for the password rules."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(15)) + secrets.choice("23456789")
    return "-".join(drawn[start : start + 4] for start in range(0, 16, 4))
