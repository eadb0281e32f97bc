"""Drive the user's own kubectl, with no flag that kubectl 1.13 does not have."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csi_manifests.cluster.advice import advised
from csi_manifests.errors import ClusterError, UsageError
from csi_manifests.knowledge.versions import minor_of
from csi_manifests.models.resource import Key
from csi_manifests.yaml import writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Object = dict[str, Any]

REQUEST_SECONDS = 30
"""How long kubectl is to try one request to the API server."""
CALL_SECONDS = 150
"""How long one call may take, in which kubectl may send several requests."""
_UNSERVED = re.compile(r'no matches for kind "([^"]+)" in version "([^"]+)"')
_UNSERVED_TYPE = (
    "the server doesn't have a resource type",
    "the server could not find the requested resource",
    "no matches for",
)


@dataclass(frozen=True)
class Kubectl:
    """The program, and the options that say which cluster is meant."""

    program: str = "kubectl"
    options: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The command's beginning, as people type it."""
        return (self.program, *self.options)

    def call(self, *args: str, stdin: str = "", seconds: float = CALL_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run kubectl and give what came of it, refusals included.

        Raises:
            UsageError: if there is no such program, or it does not start.
            ClusterError: if it does not end in time.

        """
        try:
            done = subprocess.run(  # noqa: S603  (the user's own program, and a list of words that no shell reads)
                [*self.words, *args],
                # Whatever the locale: kubectl reads and writes UTF-8.
                input=stdin.encode(errors="surrogatepass"),
                capture_output=True,
                check=False,
                timeout=seconds,
            )
        except OSError as error:
            raise UsageError(
                f"{self.program}: {error.strerror or error}. Install kubectl (https://kubernetes.io/docs/tasks/tools/), "
                "or say with --kubectl where it is."
            ) from None
        except subprocess.TimeoutExpired:
            raise ClusterError(
                f"kubectl {args[0]} did not end within {seconds:.0f} s. Does the cluster answer?"
            ) from None
        out, err = (each.decode(errors="replace") for each in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def run(self, *args: str, doing: str, stdin: str = "") -> str:
        """Run kubectl and give its output.

        Raises:
            ClusterError: if it fails; the message is kubectl's own, with what was being done and how to go on.

        """
        done = self.call(*args, f"--request-timeout={REQUEST_SECONDS}s", stdin=stdin)
        if done.returncode != 0:
            raise refusal(doing, done.stderr)
        return done.stdout

    def get(self, keys: Iterable[Key], doing: str = "look at the cluster") -> dict[Key, Object]:
        """Return those of these objects that exist; one whose kind the server does not serve does not exist."""
        wanted = list(keys)
        while wanted:
            asked = writer.join(writer.document(reference(key)) for key in wanted)
            args = (
                "get",
                "--filename=-",
                "--output=json",
                "--ignore-not-found",
                f"--request-timeout={REQUEST_SECONDS}s",
            )
            done = self.call(*args, stdin=asked)
            if done.returncode == 0:
                return _by_key(wanted, _items(done.stdout))
            unserved = {(version, kind) for kind, version in _UNSERVED.findall(done.stderr)}
            served = [key for key in wanted if (key.api_version, key.kind) not in unserved]
            if len(served) == len(wanted):
                raise refusal(doing, done.stderr)
            wanted = served
        return {}

    def list(self, *args: str, doing: str = "look at the cluster", missing_ok: bool = True) -> list[Object]:
        """Return what ``kubectl get ARGS`` finds; nothing if the server does not serve the kind, unless that is an error.

        Who asks for several kinds at once must say that it is one: kubectl then gives none of them.
        """
        done = self.call("get", *args, "--output=json", f"--request-timeout={REQUEST_SECONDS}s")
        if done.returncode == 0:
            return _items(done.stdout)
        if missing_ok and any(words in done.stderr for words in _UNSERVED_TYPE):
            return []
        raise refusal(doing, done.stderr)

    def server_release(self) -> str:
        """Return the minor release of the server, such as ``1.20``; empty if it does not say."""
        done = self.call("version", "--output=json", f"--request-timeout={REQUEST_SECONDS}s")
        try:
            found = json.loads(done.stdout)["serverVersion"]
            return minor_of(f"{found['major']}.{found['minor'].rstrip('+')}")
        except (ValueError, LookupError, TypeError, AttributeError):
            return ""

    def apply(self, contents: Iterable[Mapping[str, Any]], doing: str) -> None:
        """Apply objects, in one call."""
        self.run("apply", "--filename=-", stdin=writer.join(map(writer.document, contents)), doing=doing)

    def delete(self, keys: Sequence[Key], doing: str, *flags: str) -> None:
        """Ask for objects to be deleted, and do not wait for it."""
        asked = writer.join(writer.document(reference(key)) for key in keys)
        self.run("delete", "--filename=-", "--ignore-not-found", "--wait=false", *flags, stdin=asked, doing=doing)


def reference(key: Key) -> Object:
    """Return as much of a manifest as it takes to name an object."""
    metadata = {"name": key.name, **({"namespace": key.namespace} if key.namespace else {})}
    return {"apiVersion": key.api_version, "kind": key.kind, "metadata": metadata}


def key_of(found: Mapping[str, Any]) -> Key:
    """Return the key of an object as the server has it."""
    metadata = found["metadata"]
    return Key(found["apiVersion"], found["kind"], metadata.get("namespace", ""), metadata["name"])


def part(found: Mapping[str, Any], *path: str) -> Object:
    """Return a part of an object, empty where it has none."""
    for name in path:
        found = found.get(name) or {}
    return dict(found)


def refusal(doing: str, stderr: str) -> ClusterError:
    """Make an error of what kubectl said."""
    said = spoken(stderr) or "kubectl failed and said nothing"
    return ClusterError("\n".join((f"{doing}: {said}", *(f"  {line}" for line in advised(said)))))


def spoken(stderr: str) -> str:
    """Return kubectl's words without warnings, and without the manifests it repeats, which may hold Secrets."""
    lines = [line for line in stderr.strip().splitlines() if line and not _NOISE.match(line)]
    # What hinders all objects is said once for each.
    return hidden("\n".join(dict.fromkeys(lines)))


def hidden(text: str) -> str:
    """Return a text without the secrets that drivers and sidecars log with their calls, and servers repeat in refusals."""
    for pattern in (_REPEATED, _REFUSED, _SECRETS):
        text = pattern.sub(r"\1(not shown)", text)
    return text


# kubectl apply repeats the patch and the object it did not fit, in these lines.
_NOISE = re.compile(r"Warning: |warning: |W\d{4} |\{|to:$|Resource: |Name: |Object: |See 'kubectl")
_SECRETS = re.compile(r"""(secrets?\\*["']?\s*[:=]\s*)\S.*""", re.IGNORECASE)
# What a server could not decode it repeats, in part and in whole.
_REPEATED = re.compile(r"(error found in #\d+ byte of ).*?(?=\nError from server|\Z)", re.DOTALL)
_REFUSED = re.compile(r'(Invalid value: )"?(?:\{|map\[).*')


def _items(text: str) -> list[Object]:
    if not text.strip():
        return []
    found: Object = json.loads(text)
    if not (found["kind"] == "List" or (found["kind"].endswith("List") and "items" in found)):
        return [found]
    items: list[Object] = found["items"]
    return items


def _by_key(wanted: Sequence[Key], found: Iterable[Object]) -> dict[Key, Object]:
    """Match what came with what was asked: an object that says no namespace is in that of kubectl's context."""
    places = {key.identity: key for key in wanted}
    result: dict[Key, Object] = {}
    for content in found:
        key = key_of(content)
        asked = places.get(key.identity) or places.get((key.group, key.kind, "", key.name))
        if asked is not None:
            result[asked] = content
    return result


def kubectl_for(program: str = "kubectl", context: str | None = None, kubeconfig: str | None = None) -> Kubectl:
    """Return a kubectl for the cluster of a context and kubeconfig, or for the one that kubectl itself would take."""
    options = {"--context": context, "--kubeconfig": kubeconfig}
    return Kubectl(program, tuple(f"{name}={value}" for name, value in options.items() if value))
