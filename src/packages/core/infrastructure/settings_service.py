"""Settings of the running service: server, workers, database, security."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from core.infrastructure.settings_section import Flag, Names, Networks, Proxies, Section, secret


class ServiceSettings(Section):
    env: Literal["development", "production"] = Field(
        default="development", description="In production the server refuses to start with unsafe settings."
    )
    debug: Flag = Field(
        default=False, description="Tracebacks in the log's console form; refused in production."
    )
    public_url: str = Field(
        default="",
        max_length=300,
        description="Address users open, such as https://anom.example; links in mails begin with it.",
    )


class DatabaseSettings(Section):
    url: str = secret(
        "URL of the database: postgresql://... as the application's role; empty: SQLite in `data.dir`."
    )
    system_url: str = secret(
        "PostgreSQL only: the same database as the role that bypasses row level security."
    )
    migration_url: str = secret("PostgreSQL only: the same database as the role that owns the tables.")
    pool_size: int = Field(default=10, ge=1, le=200, description="Connections that one process keeps open.")


class RedisSettings(Section):
    url: str = secret("URL of Redis: job queue, rate limits and caches of several processes; empty: none.")


class ApiSettings(Section):
    host: str = Field(default="127.0.0.1", min_length=1, max_length=253, description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Port to listen on.")
    workers: int = Field(
        default=1, ge=1, le=64, description="Server processes; more than one needs PostgreSQL."
    )
    max_body_mb: float = Field(default=10, gt=0, le=1024, description="Largest request body, uploads aside.")
    max_upload_mb: float = Field(default=2048, gt=0, description="Largest uploaded file, as it is sent.")
    request_timeout_s: float = Field(
        default=60, gt=0, le=3600, description="Longest time to receive and answer a request, uploads aside."
    )
    grace_s: float = Field(
        default=20, ge=0, le=600, description="After SIGTERM, time for running requests and jobs to end."
    )
    cors_origins: Names = Field(
        default=(), description="Origins whose scripts may call the API; none by default."
    )
    allowed_hosts: Names = Field(default=(), description="Host names the server answers to; none given: any.")
    trusted_proxies: Proxies = Field(
        default=(), description="Addresses or networks whose forwarded headers are believed."
    )
    key_requests_per_minute: int = Field(default=600, ge=1, description="Requests of one API key or session.")
    login_attempts_per_minute: int = Field(default=20, ge=1, description="Log-in attempts of one address.")


class JwtSettings(Section):
    secret_key: str = secret(
        "Signs access tokens; at least 32 characters. Empty: one is made and kept in `data.dir`."
    )
    previous_secret_key: str = secret("The key before, whose tokens are valid until they expire.")
    algorithm: Literal["HS256", "HS384", "HS512"] = Field(
        default="HS256", description="How access tokens are signed."
    )
    access_token_expire_minutes: int = Field(
        default=15, ge=1, le=1440, description="Life of an access token."
    )
    refresh_token_expire_days: int = Field(
        default=30, ge=1, le=365, description="Life of a session that is not used."
    )


class SecuritySettings(Section):
    encryption_key: str = secret(
        "Encrypts stored secrets (a Fernet key). Empty: one is made and kept in `data.dir`."
    )
    previous_encryption_key: str = secret("The key before; what it encrypted stays readable.")
    audit_key: str = secret("Chains the audit log. Empty: one is made and kept in `data.dir`.")
    insecure_http: Flag = Field(
        default=False, description="Allow log-in over plain http on other hosts than this one."
    )
    source_networks: Networks = Field(
        default=(),
        description="Private networks (CIDR) that tenants' database sources may reach; none by default.",
    )
    identity_networks: Networks = Field(
        default=(),
        description="Private networks (CIDR) that tenants' identity providers may be in; none by default.",
    )


class MailSettings(Section):
    host: str = Field(
        default="", max_length=253, description="SMTP server; empty: mails are written to the log."
    )
    port: int = Field(default=587, ge=1, le=65_535, description="Its port.")
    user: str = Field(default="", max_length=200, description="User name there; empty: none.")
    password: str = secret("Password there.")
    encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is protected."
    )
    sender: str = Field(default="anomaly_detection@localhost", description="Address that mails come from.")


class JobSettings(Section):
    concurrency: int = Field(
        default=1, ge=1, le=256, description="Jobs that one worker process runs at a time."
    )
    memory_mb: int = Field(default=8192, ge=256, description="Most memory of one job.")
    time_limit_s: float = Field(default=3600, gt=0, description="Longest time of one job.")
    heartbeat_s: float = Field(
        default=2,
        gt=0,
        le=60,
        description="How often a running job says that it lives; silent for 5 times as long, it is given to another worker.",
    )


class MetricsSettings(Section):
    enabled: Flag = Field(default=True, description="Serve metrics for Prometheus.")
    port: Annotated[int | None, BeforeValidator(lambda v: None if v in ("", "null") else v)] = Field(
        default=None,
        ge=1,
        le=65_535,
        description="Port of their own; null: only operators may read them, on the API's port.",
    )


class ClientSettings(Section):
    token: str = secret("Token of commands with --server: an API key or an access token.")
    token_file: Annotated[
        Path | None,
        AfterValidator(lambda path: path and path.expanduser()),
        BeforeValidator(lambda value: None if value == "null" else value),
    ] = Field(default=None, description="File that holds it, where `client.token` is empty.")
    timeout_s: float = Field(
        default=120, gt=0, le=3600, description="Longest silence of the server that they wait for."
    )


DataDir = Annotated[Path, AfterValidator(lambda path: path.expanduser())]
