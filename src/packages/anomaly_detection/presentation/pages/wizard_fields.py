"""The controls of the wizard's steps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anomaly_detection.api import Algorithm, Parameter
from anomaly_detection.domain.algorithm import Explains
from anomaly_detection.presentation.pages.wizard_state import OWN_SHARE, PARAMETER, SHARES, Draft
from core.domain.wording import count
from core.presentation.forms import number_text
from core.presentation.parts import Field, Option

AUTO = "auto"
PYOD = "pyod:"
MOST_COLUMNS = 80  # offered one by one
EXPLAINED: Mapping[Explains, str] = {
    Explains.EXACT: "Explains scores exactly",
    Explains.PATH: "Explains scores by its splits",
    Explains.ABLATION: "Explains scores by trying without each column",
}
WHY_AUTO = (
    "Recommended: there is nothing to set, it takes tables of any size and most shapes, and it says exactly which columns "
    "made a score. It compares each row with samples of the usual rows, after the most outlying tenth is forgotten."
)


def dataset_field(draft: Draft, offered: Sequence[tuple[str, str, int]]) -> Field:
    """``offered``: slug, name and rows of each."""
    options = [
        Option(slug, f"{name} ({count(rows, 'row')})", slug == draft.dataset) for slug, name, rows in offered
    ]
    if draft.dataset and not any(option.chosen for option in options):
        options.insert(0, Option(draft.dataset, draft.dataset, chosen=True))
    return Field(
        name="dataset",
        label="Dataset",
        kind="select",
        value=draft.dataset,
        options=tuple(options),
        hint="The detector usually runs on the newest version of it.",
    )


def algorithm_fields(
    draft: Draft, catalogue: Sequence[Algorithm], further: Sequence[str]
) -> tuple[Field, Field, Field]:
    """The recommended method, the others, and PyOD's classes: ``further``."""
    classes = tuple(
        Option(name, name.removeprefix(PYOD), name.casefold() == draft.algorithm.casefold())
        for name in further
    )
    options = [
        Option(entry.name, entry.title, entry.name == draft.algorithm, about(entry)) for entry in catalogue
    ]
    if not any(option.chosen for option in (*options, *classes)):
        options.append(Option(draft.algorithm, draft.algorithm, chosen=True, hint="Asked for by name."))
    first = tuple(option for option in options if option.value == AUTO)
    others = tuple(option for option in options if option.value != AUTO)
    return (
        Field(name="algorithm", label="Method", kind="radio", options=first),
        Field(name="algorithm", label="Another method", kind="radio", options=others, part="-others"),
        Field(name="algorithm", label="A class of PyOD", kind="radio", options=classes, part="-pyod"),
    )


def about(entry: Algorithm) -> str:
    """One line: what it does, its limit, what it explains."""
    if entry.name == AUTO:
        return WHY_AUTO
    needs = f"; needs the extra {entry.extra}" if entry.extra else ""
    limit = f"learns from up to {entry.cost.max_fit_rows:,} rows{needs}"
    return f"{entry.summary} {EXPLAINED[entry.explains]}; {limit}."


def parameter_fields(draft: Draft, entry: Algorithm) -> tuple[Field, ...]:
    given = draft.parameters
    return tuple(
        _parameter(each, number_text(given.get(each.name, each.default))) for each in entry.parameters
    )


def column_field(draft: Draft, described: Sequence[Mapping[str, Any]]) -> Field | None:
    """``described``: column, role and reason of each, of a profile. None where there is none, or there are too many."""
    if not described or len(described) > MOST_COLUMNS:
        return None
    chosen = draft.features
    return Field(
        name="column",
        label="Columns to use",
        kind="checkboxes",
        hint="Those that hold what may be unusual. None: chosen by what they hold.",
        options=tuple(
            Option(
                str(each["column"]),
                str(each["column"]),
                each["role"] == "feature" if chosen is None else each["column"] in chosen,
                f"{each['role']}: {each['reason']}",
            )
            for each in described
        ),
    )


def sensitivity_fields(draft: Draft) -> Iterator[Field]:
    cut = draft.cut
    yield Field(
        name="cut",
        label="How many rows are to be flagged?",
        kind="radio",
        options=(
            Option("", "As many as stand out", not cut, "Recommended: the cut is found from the scores."),
            *(Option(each, f"About {each} % of the rows", cut == each) for each in SHARES),
            Option(OWN_SHARE, "Another share", cut == OWN_SHARE),
        ),
    )
    yield Field(
        name="share",
        label="Another share, in per cent",
        kind="number",
        value=draft.share,
        lowest="0",
        highest="50",
        step="any",
        hint="Counts where Another share is chosen.",
    )


def name_fields(draft: Draft, suggested: str) -> Iterator[Field]:
    yield Field(
        name="name",
        label="Name",
        value=draft.name or ("" if "name" in draft.sent else suggested),
        hint="Its address is made of it." if not draft.is_edit else "Its address stays.",
        required=True,
        autocomplete="off",
    )
    yield Field(name="description", label="Description", kind="textarea", value=draft.description)


def _parameter(parameter: Parameter, text: str) -> Field:
    usual = "chosen by the algorithm" if parameter.default is None else str(parameter.default)
    name, label = PARAMETER + parameter.name, parameter.name
    choices = parameter.choices or (("true", "false") if isinstance(parameter.default, bool) else ())
    if choices:
        value = text.lower() if not parameter.choices else text
        options = tuple(Option(each, each, each == value) for each in choices)
        return Field(name=name, label=label, kind="select", value=value, options=options, hint=parameter.doc)
    is_text = isinstance(parameter.default, str)
    whole = parameter.whole or isinstance(parameter.default, int)
    return Field(
        name=name,
        label=label,
        kind="text" if is_text else "number",
        value=text,
        hint=f"{parameter.doc} Usually {usual}" + ("." if is_text else f"; {parameter.range}."),
        lowest="" if is_text or parameter.low is None else f"{parameter.low:g}",
        highest="" if is_text or parameter.high is None else f"{parameter.high:.15g}",
        step="" if is_text else "1" if whole else "any",
        autocomplete="off",
    )
