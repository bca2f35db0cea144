from datetime import UTC, datetime


def utc_now() -> datetime:
    """The clock of the running system; tests give their own."""
    return datetime.now(UTC)
