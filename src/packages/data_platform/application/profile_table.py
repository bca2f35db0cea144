"""A table of any length in figures."""

from collections.abc import Callable

from data_platform.application.ports import Table
from data_platform.application.sample_rows import sample_rows
from data_platform.domain.preparation.choices import resolved
from data_platform.domain.preparation.decisions import decided, fitted_calendars
from data_platform.domain.preparation.roles import plan_columns
from data_platform.domain.preprocessor import Preprocessor
from data_platform.domain.profile import Profile, column_profile
from data_platform.domain.quality import DataQualityChecker
from data_platform.domain.schema import ColumnChoices
from data_platform.domain.tally import ColumnTally

SAMPLE_ROWS = 100_000


def profile_table(
    table: Table,
    choices: ColumnChoices | None = None,
    *,
    seed: int = 0,
    sample: int = SAMPLE_ROWS,
    reference: Preprocessor | None = None,
    advance: Callable[[int], None] = lambda rows: None,
) -> Profile:
    """Goes through the table twice: to count in every row, and to sample up to ``sample`` rows for the rest.

    ``reference`` adds the check for drift since its training. Raises UnknownColumn, ConflictingRoles, InvalidLabel,
    and SchemaMismatch where the columns are not those of the reference.
    """
    chosen = resolved(choices or ColumnChoices(), list(table.schema))
    tallies = [ColumnTally(column) for column in table.schema]
    for batch in table.batches():
        for tally in tallies:
            tally.add(batch[tally.column])
        advance(len(batch))
    sampled = sample_rows(table, most=sample, seed=seed)
    plans = plan_columns(sampled.frame, chosen)
    decisions = decided(plans, fitted_calendars(sampled.frame, plans, chosen.missing), chosen.missing)
    return Profile(
        table=table.name,
        rows=sampled.rows_seen,
        sampled=len(sampled.frame),
        seed=seed,
        columns=tuple(
            column_profile(sampled.frame[tally.column], plan.look, decision, tally)
            for plan, decision, tally in zip(plans, decisions, tallies, strict=True)
        ),
        findings=DataQualityChecker(reference)(sampled.frame),
        notes=tuple(table.notes),
    )
