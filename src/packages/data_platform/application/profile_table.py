"""A table of any length in figures."""

from collections.abc import Callable
from dataclasses import dataclass

from data_platform.application.ports import Table
from data_platform.application.sample_rows import sample_rows
from data_platform.domain.correlation import correlations
from data_platform.domain.preparation.choices import resolved
from data_platform.domain.preparation.decisions import decided, fitted_calendars
from data_platform.domain.preparation.roles import plan_columns
from data_platform.domain.preprocessor import Preprocessor
from data_platform.domain.profile import Profile, column_profile
from data_platform.domain.quality import DataQualityChecker
from data_platform.domain.schema import ColumnChoices
from data_platform.domain.tally import count_rows, tallies_of


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """Profiles of tables of any length; ``sample_rows`` are looked at closely."""

    sample_rows: int = 100_000

    def __call__(
        self,
        table: Table,
        choices: ColumnChoices | None = None,
        *,
        seed: int = 0,
        reference: Preprocessor | None = None,
        advance: Callable[[int], None] = lambda rows: None,
    ) -> Profile:
        """Goes through the table twice: to count in every row, and to sample up to ``sample_rows`` for the rest.

        ``reference`` adds the check for drift since its training. Raises UnknownColumn, ConflictingRoles, InvalidLabel,
        and SchemaMismatch where the columns are not those of the reference.
        """
        chosen = resolved(choices or ColumnChoices(), list(table.schema))
        tallies = tallies_of(list(table.schema))
        for batch in table.batches():
            count_rows(batch, tallies)
            advance(len(batch))
        sampled = sample_rows(table, most=self.sample_rows, seed=seed)
        plans = plan_columns(sampled.frame, chosen)
        decisions = decided(plans, fitted_calendars(sampled.frame, plans, chosen.missing), chosen.missing)
        correlated = correlations(sampled.frame, [plan.look for plan in plans], seed=seed)
        return Profile(
            table=table.name,
            rows=sampled.rows_seen,
            sampled=len(sampled.frame),
            seed=seed,
            correlated=correlated.rows,
            columns=tuple(
                column_profile(
                    sampled.frame[tally.column],
                    plan.look,
                    decision,
                    tally,
                    correlations=correlated.strongest.get(tally.column, ()),
                )
                for plan, decision, tally in zip(plans, decisions, tallies, strict=True)
            ),
            findings=DataQualityChecker(reference, chosen.categorical)(sampled.frame),
            notes=tuple(table.notes),
        )
