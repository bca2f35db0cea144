"""What is said about each column, once it is known what training makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from data_platform.domain.preparation.calendar import CalendarColumn
from data_platform.domain.preparation.roles import ColumnPlan, Encoding
from data_platform.domain.schema import Decision, MissingPolicy, Role

FOR_NUMBERS = {
    MissingPolicy.INDICATOR: "the median, and a column that says where",
    MissingPolicy.MEDIAN: "the median instead",
    MissingPolicy.ZERO: "zero instead",
    MissingPolicy.REFUSE: "refused",
}
FOR_CATEGORIES = FOR_NUMBERS | {
    MissingPolicy.INDICATOR: "a category of its own",
    MissingPolicy.MEDIAN: "the commonest instead",
}


def fitted_calendars(
    frame: pl.DataFrame, plans: Sequence[ColumnPlan], missing: MissingPolicy
) -> dict[str, CalendarColumn]:
    """The columns of dates that may become features, by name."""
    return {
        plan.column: CalendarColumn.fit(frame[plan.column], missing=missing)
        for plan in plans
        if plan.encoding is Encoding.CALENDAR
    }


def decided(
    plans: Sequence[ColumnPlan], calendars: Mapping[str, CalendarColumn], missing: MissingPolicy
) -> tuple[Decision, ...]:
    """One decision per plan; ``calendars`` are the columns of dates among them."""
    return tuple(_decision(plan, calendars.get(plan.column), missing) for plan in plans)


def _decision(plan: ColumnPlan, calendar: CalendarColumn | None, missing: MissingPolicy) -> Decision:
    """The plan's, with what is done about gaps; for dates it depends on how much time they cover."""
    decision = Decision(plan.column, plan.kind, plan.role, plan.reason)
    if plan.encoding in (Encoding.NUMBER, Encoding.CATEGORY) and not plan.look.always_present:
        number = plan.encoding is Encoding.NUMBER
        gaps = (
            f"{plan.look.rows - plan.look.present:,} of {plan.look.rows:,} missing{' or infinite' * number}"
        )
        stand_in = (FOR_NUMBERS if number else FOR_CATEGORIES)[missing]
        return replace(decision, reason=f"{decision.reason}; {gaps}: {stand_in}")
    if calendar is None:
        return decision
    if calendar.parts:
        return replace(decision, reason=f"{decision.reason}: {', '.join(calendar.parts)}")
    role = Role.IGNORED if decision.role is Role.FEATURE else decision.role
    return replace(
        decision, role=role, reason=f"{decision.reason}; too short a time for hours, weekdays or months"
    )
