"""The command line: a module for each command, and words for what can go wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from csi_manifests._version import __version__
from csi_manifests.cli._commands import Commands
from csi_manifests.cli._output import close_stdout
from csi_manifests.errors import EXIT_BUG, EXIT_INTERRUPTED, EXIT_PIPE, CsiManifestsError
from csi_manifests.findings import FindingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = """\b
Exit codes:
  0    done
  1    findings, differences, or (verify) wrong data
  2    wrong usage: an unknown option, release, stage or key
  3    an input that is missing, empty, not YAML or not Kubernetes objects,
       or an output that cannot be written
  4    the cluster refused, or did not answer in time
  70   a bug in csi-manifests (--debug shows where)
  130  interrupted
  141  nobody reads the output any more

\b
Shell completion (bash; also zsh and fish):
  eval "$(_CSI_MANIFESTS_COMPLETE=bash_source csi-manifests)"
"""


@click.group(
    cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "--version", prog_name="csi-manifests", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show Python's traceback when something fails.")
def cli(debug: bool) -> None:
    """Generate, validate and check the Kubernetes manifests of a CSI driver with volume snapshots.

    Unless you choose otherwise, that is the CSI HostPath driver on Kubernetes 1.13:

    \b
      csi-manifests render > bundle.yaml
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line on arguments, those of the process by default, and return the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    if "--debug" in args[: args.index("--") if "--" in args else None]:
        return _run(["--debug", *(arg for arg in args if arg != "--debug")])
    try:
        return _run(args)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CsiManifestsError as error:
        click.echo(str(error) if isinstance(error, FindingsError) else f"Error: {error}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        close_stdout()
        return EXIT_PIPE
    except Exception as error:  # noqa: BLE001  (the one place where a bug is turned into a message)
        click.echo(f"Bug: {type(error).__name__}: {error}. Please report it, with what --debug shows.", err=True)
        return EXIT_BUG


def _run(args: list[str]) -> int:
    result: Any = cli.main(args, prog_name="csi-manifests", standalone_mode=False)
    return result if isinstance(result, int) else 0
