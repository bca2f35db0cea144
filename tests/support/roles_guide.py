"""The tables of ``docs/guides/roles.md``, from the code: ``python -m tests.support.roles_guide`` writes them anew."""

import tempfile
from pathlib import Path

from fastapi import FastAPI

from people_ops.domain.permissions import PERMISSIONS, SCOPES, Role
from tests.support.routes import all_routes

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "roles.md"
MARKS = ("<!-- tables -->", "<!-- end of tables -->")


def permissions_table() -> str:
    known = sorted({permission for permissions in PERMISSIONS.values() for permission in permissions})
    lines = ["| permission | " + " | ".join(Role) + " | key scopes |", "|---|" + "---|" * (len(Role) + 1)]
    for permission in known:
        marks = ["x" if permission in PERMISSIONS[role] else "" for role in Role]
        scopes = ", ".join(scope for scope, held in SCOPES.items() if permission in held)
        lines.append(f"| `{permission}` | " + " | ".join(marks) + f" | {scopes} |")
    return "\n".join(lines)


def routes_table(app: FastAPI) -> str:
    lines = ["| route | needs |", "|---|---|"]
    for route in sorted(all_routes(app), key=lambda r: (r.path, r.method)):
        needs = (
            "nothing" if route.public else ", ".join(f"`{asks}`" for asks in route.asks if asks) or "a caller"
        )
        lines.append(f"| `{route.name}` | {needs} |")
    return "\n".join(lines)


def main() -> None:
    from core.infrastructure.settings import Settings
    from interfaces.bootstrap.http import create_app
    from interfaces.bootstrap.service import build

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(environment={"ANOMALY_DETECTION_DATA_DIR": folder}, folder=Path(folder))
        service = build(settings)
        app = create_app(service)
        before, _, rest = GUIDE.read_text().partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        tables = f"{permissions_table()}\n\n{routes_table(app)}"
        GUIDE.write_text(f"{before}{MARKS[0]}\n\n{tables}\n\n{MARKS[1]}{after}")
        service.close()


if __name__ == "__main__":
    main()
