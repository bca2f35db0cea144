"""Which jobs people_ops does."""

from collections.abc import Mapping

from core.application.jobs import JobHandler
from people_ops.api import PeopleOps
from people_ops.application.mail import SEND_MAIL
from people_ops.application.members import ERASE_PERSON
from people_ops.application.reset_password import PREPARE_RESET
from people_ops.application.ways_in_bundle import WaysIn


def job_handlers(people: PeopleOps) -> Mapping[str, JobHandler]:
    return {**mail_handlers(people.ways_in), ERASE_PERSON: people.erase_person}


def mail_handlers(ways_in: WaysIn) -> Mapping[str, JobHandler]:
    return {SEND_MAIL: ways_in.send_mail, PREPARE_RESET: ways_in.prepare_reset}
