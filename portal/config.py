"""Settings: one frozen object, from `PORTAL_*` variables or `PORTAL_*_FILE` files. Defaults are safe for production."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict


class _FromFiles(PydanticBaseSettingsSource):
    """`PORTAL_X_FILE=/path` sets X to that file's text: secrets stay out of the process list and the unit file."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(f"PORTAL_{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(None, name)[0] for name in self.settings_cls.model_fields}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """Every setting of the portal; `deploy/env.example` lists them all with their meaning (a test compares)."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="forbid")

    profile: Literal["production", "demo", "check"] = Field(
        "production", description="check arms crash points and clock"
    )
    database_url: str = Field(description="role portal_app, under row-level security")
    map_database_url: str = Field("", description="role portal_map, read-only; empty: same as database_url")
    sealer_database_url: str = Field("", description="role portal_sealer; only the audit sealer needs it")
    owner_database_url: str = Field("", description="role that migrates; only `portal db upgrade` needs it")
    redis_url: str = Field("redis://localhost:6379/0", description="Celery broker; redis+socket:///path for a socket")
    data_dir: Path = Field(description="stored files, quarantine and audit witness")
    secret_key: str = Field(min_length=32, description="signs cookies and form tokens")
    scope_key: str = Field(min_length=32, description="signs the row scope; the database holds the same key")
    field_keys_dir: Path = Field(description="key files of field encryption, one a key id, mode 0400")
    audit_key_file: Path | None = Field(
        None, description="Ed25519 key that signs checkpoints; only the sealer reads it"
    )
    audit_witness_dirs: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="two or more places for checkpoints that the database owner cannot write"
    )
    audit_public_key_file: Path | None = Field(
        None, description="the public half, PEM; web and workers check the checkpoints with it"
    )
    audit_origin: str = Field(
        "portal.local/audit",
        pattern=r"^[A-Za-z0-9._/-]{1,120}$",
        description="name of the audit log in its checkpoints; one for each portal, never changed",
    )
    base_url: str = Field("http://127.0.0.1:8000", description="address people reach the portal at; QR codes carry it")
    trusted_proxies: int = Field(0, ge=0, le=3, description="how many reverse proxies stand before the portal")
    session_idle_minutes: int = Field(15, ge=1, description="sign out after so long without a request")
    session_hours: int = Field(8, ge=1, description="sign out after so long in any case")
    password_max_age_days: int = Field(90, ge=1, description="passwords older than this must be changed")
    totp_required: bool = Field(True, description="second factor for police and administrators")
    token_days_max: int = Field(365, ge=1, le=1095, description="personal tokens expire after so many days at most")
    api_requests_per_minute: int = Field(600, ge=1, description="requests answered a minute for one personal token")
    webhook_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="private networks that webhooks may be sent to (CIDR); empty: public addresses only"
    )
    webhook_plain_http: bool = Field(False, description="also send webhooks without TLS; for demonstrations only")
    probe_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="camera networks that may be probed (CIDR); empty: none"
    )
    probe_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        (80, 443, 554, 2020, 5000, 8000, 8080, 8081, 8554, 8899, 10554), description="ports that may be probed"
    )
    probe_interval_seconds: int = Field(600, ge=10, description="one cycle over all live devices")
    history_months: int = Field(36, ge=12, le=600, description="months of device history kept, older ones are dropped")
    clamd_socket: str = Field("", description="virus scanner socket; empty: none, uploads are still checked by type")
    base_tiles_url: str = Field("", description="base map tiles on the intranet; empty: district outlines only")
    city_code: str = Field("410500", pattern=r"^\d{6}$", description="GB/T 2260 code of the city")
    organ_name: str = Field("安阳市公安局", description="the operating organ, shown in the top bar")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO")
    clock: str = Field("", description="check profile only: +90d, or a file holding such an offset")
    crash: str = Field("", description="check profile only: crash point name[:n], or @directory of such names")

    @field_validator("audit_witness_dirs", "webhook_networks", "probe_networks", "probe_ports", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls)


def load_settings(**overrides: object) -> Settings:
    """Read the environment. Raises pydantic's ValidationError naming each missing or bad setting."""
    return Settings(**overrides)  # type: ignore[arg-type]
