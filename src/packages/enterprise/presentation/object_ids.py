"""Ids of what audit entries are about, as all other answers have them."""

from typing import TYPE_CHECKING

from core.domain.public_ids import shown

if TYPE_CHECKING:
    from enterprise.application.ports import AuditView

# An action, or its first word: the prefix of its object's id.
PREFIXES = {
    "dataset": "ds",
    "dataset_version": "dsv",
    "detector": "det",
    "evaluation": "evl",
    "export": "exp",
    "impersonation": "ses",
    "invitation": "inv",
    "job": "job",
    "key": "key",
    "label": "run",  # the run whose row has it
    "lockout": "usr",
    "login": "usr",
    "logout": "usr",
    "member": "usr",
    "model": "mdl",
    "model.import_started": "trn",
    "model_version": "mv",
    "oidc": "usr",
    "password": "usr",
    "password_reset": "usr",
    "person": "usr",
    "role": "role",
    "run": "run",
    "second_factor": "usr",
    "session": "ses",
    "session.all_revoked": "usr",
    "source": "src",
    "tenant": "ten",
    "training_run": "trn",
    "view": "viw",
}


def object_id(view: "AuditView") -> str | None:
    if view.object_id is None:
        return None
    prefix = PREFIXES.get(view.action) or PREFIXES.get(view.action.partition(".")[0], "obj")
    return shown(prefix, view.object_id)
