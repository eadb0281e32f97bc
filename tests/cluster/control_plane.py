"""A real Kubernetes control plane on the loopback interface: etcd, the API server and the controllers.

There is no scheduler and no kubelet, so nothing ever runs: a test that needs a Pod bound, or Running, says so
through the API in the role of the missing component (``ControlPlane.request``, ``ControlPlane.patch_status``).
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

START_SECONDS = 60
"""How long a control plane, or the ServiceAccount of a new namespace, may take to be ready."""
STOP_SECONDS = 10
"""How long a process may take to end after SIGTERM; then it gets SIGKILL."""
KUBECTL_SECONDS = 300
"""How long one call of kubectl may take, ``kubectl wait`` included."""
REQUEST_SECONDS = 30
"""How long one request to the API server may take."""

FIRST_ERROR = 400
"""The lowest HTTP status that is an error."""


class ControlPlaneError(RuntimeError):
    """The control plane did not start, or was not ready in time."""


class RequestError(RuntimeError):
    """The API server refused a request."""

    def __init__(self, request: str, code: int, reply: str) -> None:
        """Keep the HTTP status apart from the message, which is the server's own."""
        super().__init__(f"{request}: {code}: {reply}")
        self.code = code


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane, and the administrator's access to it."""

    server: str
    """The API server's address, ``https://127.0.0.1:port``."""
    kubeconfig: Path
    """The administrator's kubeconfig file."""
    kubectl: Path
    """The kubectl that came with the API server."""
    certificate_authority: Path
    """What the API server's certificate is checked against."""
    token: str = field(repr=False)
    """The administrator's bearer token."""

    def run(self, *args: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Call kubectl; if ``check`` is set, a call that fails raises ``CalledProcessError`` with stderr as its note."""
        command = [
            str(self.kubectl),
            f"--kubeconfig={self.kubeconfig}",
            # kubectl remembers by host and port what a server serves, and ports come round again.
            f"--cache-dir={self.kubeconfig.parent / 'kubectl-cache'}",
            *args,
        ]
        done = subprocess.run(
            command, input=stdin or "", capture_output=True, text=True, check=False, timeout=KUBECTL_SECONDS
        )
        if check and done.returncode != 0:
            error = subprocess.CalledProcessError(done.returncode, ["kubectl", *args], done.stdout, done.stderr)
            error.add_note(done.stderr)
            raise error
        return done

    def json(self, *args: str) -> dict[str, Any]:
        """Return what ``kubectl get ARGS --output=json`` prints: an object, or a List of objects."""
        found: dict[str, Any] = json.loads(self.run("get", *args, "--output=json").stdout)
        return found

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        """Send one request to the API server, for what kubectl has no command for; a refusal raises ``RequestError``.

        ``POST /api/v1/namespaces/NAMESPACE/pods/NAME/binding``, for one, is how the scheduler binds a Pod to a Node.
        """
        address = urlsplit(self.server)
        connection = HTTPSConnection(
            address.hostname or "",
            address.port,
            timeout=REQUEST_SECONDS,
            context=ssl.create_default_context(cafile=str(self.certificate_authority)),
        )
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type, "Accept": "application/json"}
        with closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            reply = response.read().decode()
        if response.status >= FIRST_ERROR:
            raise RequestError(f"{method} {path}", response.status, reply)
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def patch_status(
        self, resource: str, name: str, status: Mapping[str, Any], *, namespace: str | None = None
    ) -> dict[str, Any]:
        """Set ``.status`` as a kubelet, a controller or a sidecar does, and give the object as it is stored then.

        It is a merge patch: what ``status`` does not name stays, and a list is replaced as a whole. ``resource`` is
        any name that kubectl knows (``pod``, ``volumesnapshots.snapshot.storage.k8s.io``). A custom resource
        without a status subresource is patched itself, which is how the first CSI sidecars wrote theirs.
        """
        stored = self.json(resource, name, *([] if namespace is None else [f"--namespace={namespace}"]))
        version: str = stored["apiVersion"]
        served = f"/apis/{version}" if "/" in version else f"/api/{version}"
        names: list[str] = [
            each["name"] for each in self.request("GET", served)["resources"] if each["kind"] == stored["kind"]
        ]
        plural = next(each for each in names if "/" not in each)
        path = [served]
        if "namespace" in stored["metadata"]:
            path += ["namespaces", stored["metadata"]["namespace"]]
        path += [plural, name]
        if f"{plural}/status" in names:
            path.append("status")
        return self.request("PATCH", "/".join(path), {"status": status}, "application/merge-patch+json")

    def namespace(self, name: str) -> None:
        """Create a namespace and wait until Pods can be created in it, which takes its ``default`` ServiceAccount."""
        self.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        _wait(lambda: _try_pod(self, name), f"namespace {name} does not take Pods")


@contextmanager
def control_plane(binaries: Path, workdir: Path, *, apiserver_args: tuple[str, ...] = ()) -> Generator[ControlPlane]:
    """Run a control plane for as long as the context lasts; it can be used as soon as this yields.

    ``binaries`` holds kube-apiserver, etcd, kubectl and, if there are to be controllers and ServiceAccounts,
    kube-controller-manager. ``workdir`` is to be empty and gets the data, the keys and one log for each process.
    ``apiserver_args`` are added to the API server's own, such as ``--feature-gates=VolumeSnapshotDataSource=true``.
    A control plane that does not come up raises ``ControlPlaneError`` with the end of the log that tells why.
    """
    binaries, workdir = binaries.absolute(), workdir.absolute()  # a path in a kubeconfig is relative to that file
    controllers = binaries / "kube-controller-manager"
    etcd_port, peer_port, port = _free_ports(3)
    certificates = workdir / "certificates"
    cluster = ControlPlane(
        server=f"https://127.0.0.1:{port}",
        kubeconfig=workdir / "kubeconfig",
        kubectl=binaries / "kubectl",
        certificate_authority=certificates / "apiserver.crt",
        token=secrets.token_urlsafe(),
    )
    controllers_token = secrets.token_urlsafe()
    tokens = workdir / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text(
        f"{cluster.token},admin,admin,system:masters\n"
        f"{controllers_token},system:kube-controller-manager,system:kube-controller-manager\n"
    )
    _write_kubeconfig(cluster.kubeconfig, cluster, cluster.token)

    with ExitStack() as stack:
        running: dict[Path, subprocess.Popen[bytes]] = {}

        def start(binary: Path, *args: str) -> None:
            log = workdir / f"{binary.name}.log"
            running[log] = stack.enter_context(_process([str(binary), *args], log))

        def wait(attempt: Callable[[], object], what: str) -> None:
            def attempt_while_running() -> None:
                for log, process in running.items():
                    if process.poll() is not None:
                        message = f"{log.stem} ended with exit code {process.returncode}:\n{_tail(log)}"
                        raise ControlPlaneError(message)
                attempt()

            _wait(attempt_while_running, f"{what} (logs: {workdir})")

        start(
            binaries / "etcd",
            f"--data-dir={workdir / 'etcd'}",
            f"--listen-client-urls=http://127.0.0.1:{etcd_port}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd_port}",
            f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}",
            f"--initial-cluster=default=http://127.0.0.1:{peer_port}",
        )
        start(
            binaries / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={port}",
            # The Endpoints of the service `kubernetes` may not be a loopback address, and nothing here uses them.
            "--endpoint-reconciler-type=none",
            # Without a certificate the server makes one here, and a key, which serves for ServiceAccounts as well.
            f"--cert-dir={certificates}",
            f"--service-account-key-file={certificates / 'apiserver.key'}",
            f"--service-account-signing-key-file={certificates / 'apiserver.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.0.0.0/24",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            # Its ServiceAccounts are the controllers' work: without them it would refuse every Pod.
            *([] if controllers.exists() else ["--disable-admission-plugins=ServiceAccount"]),
            *apiserver_args,
        )
        wait(lambda: cluster.run("get", "--raw=/readyz"), "the API server is not ready")
        if controllers.exists():
            kubeconfig = workdir / "kube-controller-manager.kubeconfig"
            _write_kubeconfig(kubeconfig, cluster, controllers_token)
            start(
                controllers,
                f"--kubeconfig={kubeconfig}",
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                *_known(controllers, "--port=0"),
                "--leader-elect=false",
                # The default, 20, spreads the making of the ServiceAccounts over five seconds.
                "--kube-api-qps=200",
                # Each controller with its own rights, as in a real cluster.
                "--use-service-account-credentials=true",
                f"--service-account-private-key-file={certificates / 'apiserver.key'}",
                f"--root-ca-file={cluster.certificate_authority}",
                # Its default is a system folder, which would be created.
                f"--flex-volume-plugin-dir={workdir / 'flexvolume'}",
                # No kubelet renews the leases: a Node that a test has made Ready is to stay so.
                "--node-monitor-grace-period=24h",
            )
        wait(lambda: _try_pod(cluster, "default"), "namespace default does not take Pods")
        yield cluster


def _free_ports(count: int) -> list[int]:
    """Choose ports that nobody listens on now; all are held at the same time, so that they differ."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _write_kubeconfig(path: Path, cluster: ControlPlane, token: str) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "test",
                "cluster": {"server": cluster.server, "certificate-authority": str(cluster.certificate_authority)},
            }
        ],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2))


def _known(binary: Path, flag: str) -> list[str]:
    """Return a flag that only some releases have; 1.24 lost the controllers' insecure port and the flag for it."""
    usage = subprocess.run([str(binary), "--help"], capture_output=True, text=True, check=False).stdout
    return [flag] if f" {flag.partition('=')[0]} " in usage else []


@contextmanager
def _process(command: list[str], log: Path) -> Generator[subprocess.Popen[bytes]]:
    """Run a process that ends with the context or, where Linux's setpriv is there, with a pytest that was killed."""
    setpriv = shutil.which("setpriv")
    if setpriv is not None:
        command = [setpriv, "--pdeathsig=KILL", "--", *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for pytest, which ends these in their order.
            start_new_session=True,
        )
    try:
        yield process
    finally:
        try:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()


def _tail(log: Path, lines: int = 5) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _try_pod(cluster: ControlPlane, namespace: str) -> None:
    """Go through the motions of creating a Pod: admission refuses it while the default ServiceAccount is missing."""
    pod = {"metadata": {"name": "trial"}, "spec": {"containers": [{"name": "trial", "image": "trial"}]}}
    cluster.request("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", pod)


def _wait(attempt: Callable[[], object], what: str) -> None:
    """Repeat ``attempt`` until the API server does not refuse it; after ``START_SECONDS`` raise with its reason."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            attempt()
        except (RequestError, subprocess.CalledProcessError) as error:
            if time.monotonic() > deadline:
                reason = "".join(format_exception_only(error)).strip()
                message = f"{what} after {START_SECONDS} s: {reason}"
                raise ControlPlaneError(message) from error
            time.sleep(0.1)
        else:
            return
