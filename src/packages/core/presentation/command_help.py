"""How our commands explain themselves: ``-h`` in short, ``--help`` in full, examples first in both."""

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

SHORT = "core.presentation.short_help"
GLOBAL_OPTIONS = "Everywhere: -o/--format table|json|ndjson|csv, --columns, --no-header, -q, -v, --no-color, --debug, --config."


class Command(TyperCommand):
    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        _note_short_help(ctx, args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        if ctx.meta.get(SHORT):
            _write_option_names(self, ctx, formatter)
        else:
            super().format_options(ctx, formatter)
            formatter.write_paragraph()
            formatter.write_text(GLOBAL_OPTIONS)


class Group(TyperGroup):
    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        _note_short_help(ctx, args)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        if ctx.meta.get(SHORT):
            self.format_commands(ctx, formatter)
            _write_option_names(self, ctx, formatter)
        else:
            super().format_options(ctx, formatter)


def explain_alike(app: typer.Typer) -> None:
    """Give every command and group below ``app`` this help."""
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance is not None:
            explain_alike(group.typer_instance)


def _note_short_help(ctx: "Context", args: list[str]) -> None:
    if "-h" in args and "--help" not in args:
        ctx.meta[SHORT] = True


def _write_option_names(command: Any, ctx: "Context", formatter: "HelpFormatter") -> None:
    names = [
        max(p.opts, key=len)
        for p in command.get_params(ctx)
        if p.param_type_name == "option" and not p.hidden
    ]
    formatter.write_paragraph()
    formatter.write_text(f"Options: {', '.join(names)}. What they mean: {ctx.command_path} --help")
