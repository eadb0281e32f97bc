"""The command line: one file for each command, found by being here."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Any, cast

import click

from csi_manifests._version import __version__
from csi_manifests.errors import CsiManifestsError
from csi_manifests.findings import FindingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
EXIT_BUG = 70

EPILOG = """\b
Exit codes:
  0    done
  1    findings, or differences
  2    wrong usage: an unknown option, release, stage or key
  3    input missing, empty, not YAML or not Kubernetes objects;
       or a place that cannot be written
  4    the cluster refused, or did not answer in time
  70   a bug in csi-manifests (--debug shows where)
  130  interrupted

\b
Shell completion (bash; also zsh and fish):
  eval "$(_CSI_MANIFESTS_COMPLETE=bash_source csi-manifests)"
"""


class Commands(click.Group):
    """Finds each command in the module of its name; a module whose name begins with ``_`` is none."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """List the commands."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return cast("click.Command", importlib.import_module(f"{__name__}.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant, or say which are near."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from csi_manifests.text.words import did_you_mean

            known = self.list_commands(ctx)
            guess = did_you_mean(name, known) or f"The commands are: {', '.join(known)}."
            raise click.UsageError(f"No such command {name!r}. {guess}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "--version", prog_name="csi-manifests", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show Python's traceback when something fails.")
def cli(debug: bool) -> None:
    """Generate, validate and check the Kubernetes manifests of a CSI driver with volume snapshots.

    With nothing else said, everything is that of the CSI HostPath driver on Kubernetes 1.13:

    \b
      csi-manifests render > bundle.yaml
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; without arguments, on those of the process."""
    args = list(sys.argv[1:] if argv is None else argv)
    if "--debug" in args[: args.index("--") if "--" in args else None]:
        return _run(["--debug", *(arg for arg in args if arg != "--debug")])
    try:
        return _run(args)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except FindingsError as error:
        click.echo("\n".join(str(finding) for finding in error.findings), err=True)
        return error.exit_code
    except CsiManifestsError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough. What is still buffered must not be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    except Exception as error:  # noqa: BLE001  (the one place where a bug is turned into a message)
        click.echo(f"Bug: {type(error).__name__}: {error}. Please report it, with what --debug shows.", err=True)
        return EXIT_BUG


def _run(args: list[str]) -> int:
    # Importing makes a great many objects and no garbage; to look for some in between takes a tenth of a render.
    gc.set_threshold(100_000, 50, 50)
    # Plugins of other packages have no business in a command, and looking for them takes 15 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    result: Any = cli.main(args, prog_name="csi-manifests", standalone_mode=False)
    return result if isinstance(result, int) else 0
