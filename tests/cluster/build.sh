#!/usr/bin/env bash
# Builds a Kubernetes 1.20.2 control plane for the tests and prints the folder that holds its binaries:
# kube-apiserver, kube-controller-manager, etcd and kubectl.
#
# Everything comes from Debian 12 (bookworm): the first two are compiled from its source package, because Debian
# ships no binary of them; etcd, kubectl and the Go compiler are taken out of its binary packages. Nothing is
# installed and apt's own state is left alone, so neither root nor a clean machine is needed.
#
#   CONTROL_PLANE_CACHE   where the result is kept, outside the tree
#                                 (default: ${XDG_CACHE_HOME:-$HOME/.cache}/csi-manifests/control-plane-1.20.2)
#   KUBEBUILDER_ASSETS            a folder with such binaries (envtest's convention): used as it is, nothing is built
#
# The first run takes four minutes on two cores, and 4 GB of disk while it lasts. Later runs only print the folder.

set -euo pipefail
exec 3>&1 1>&2 # stdout carries the folder and nothing else

readonly version=1.20.2
readonly compiler=1.19 # the Go release in bookworm
readonly commit=faecb196815e248d3ecfb03c680a4507229c2a56 # of the tag v1.20.2; Debian's kubectl reports the same

say() { printf 'build.sh: %s\n' "$*"; }

fail() {
    say "$*"
    exit 1
}

# complete FOLDER BINARY...: whether the folder holds every one of the binaries.
complete() {
    local folder=$1 binary
    shift
    for binary; do
        [[ -x $folder/$binary ]] || return 1
    done
}

# use FOLDER: the answer of this script.
use() {
    printf '%s\n' "$1" >&3
    exit 0
}

require_bookworm() {
    local system
    # shellcheck source=/dev/null
    system=$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID-}" "${VERSION_CODENAME-}") || true
    [[ $system == "debian bookworm" ]] || fail "needs Debian 12 (bookworm), whose source package of Kubernetes is" \
        "$version (this is: ${system:-not Linux}). Set KUBEBUILDER_ASSETS to a folder of binaries instead."
}

# Gives apt a state of its own, with source packages switched on in a copy of the machine's lists of repositories.
# So mirrors, keys and proxies stay the machine's, while its lists and its package cache do not change.
prepare_apt() {
    local list
    mkdir -p "$work"/apt/{sources,state/lists/partial,cache/archives/partial}
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ ! -f $list ]] ||
            sed -E 's/^deb([[:space:]].*)/&\ndeb-src\1/' "$list" >"$work/apt/sources/$(basename "$list" .list).list"
    done
    for list in /etc/apt/sources.list.d/*.sources; do
        [[ ! -f $list ]] ||
            sed -E 's/^Types:.*/Types: deb deb-src/' "$list" >"$work/apt/sources/$(basename "$list")"
    done
    apt=(
        apt-get -q
        -o Dir::Etc::SourceList=/dev/null
        -o Dir::Etc::SourceParts="$work/apt/sources"
        -o Dir::State="$work/apt/state"
        -o Dir::State::status=/var/lib/dpkg/status
        -o Dir::Cache="$work/apt/cache"
        -o APT::Sandbox::User="$(id -un)" # apt's usual download user cannot reach a private folder
    )
    export DEBIAN_FRONTEND=noninteractive
    "${apt[@]}" update
}

# Unpacks what the build needs below $work/root, and the source as the GOPATH's k8s.io/kubernetes.
# Debian's own patches are left out: they touch kubectl only, which comes compiled (and applying them takes dpkg-dev).
fetch() {
    local package
    mkdir -p "$work"/{packages,root,go/src/k8s.io}
    (
        cd "$work/packages"
        "${apt[@]}" download "golang-$compiler-go" "golang-$compiler-src" golang-github-modern-go-reflect2-dev \
            etcd-server kubernetes-client
        "${apt[@]}" source --download-only kubernetes
        for package in *.deb; do
            dpkg-deb --extract "$package" "$work/root"
        done
        tar --extract --gzip --no-same-owner --file kubernetes_*.orig.tar.gz --directory "$work"
    )
    [[ -d $work/kubernetes-$version ]] || fail "Debian's source package holds" "$work"/kubernetes-*/ "and not $version"
    mv "$work/kubernetes-$version" "$kubernetes"
}

prepare_source() {
    local openapi
    # The vendored reflect2 1.0.1 crashes in programs compiled with Go 1.18 or later.
    rm -r "$kubernetes/vendor/github.com/modern-go/reflect2"
    cp -r "$work/root/usr/share/gocode/src/github.com/modern-go/reflect2" "$kubernetes/vendor/github.com/modern-go/"

    # The API server imports this generated file, which the source package does not hold. grep -R and not -r: most
    # of vendor/k8s.io are links to staging/.
    say "generating the OpenAPI definitions"
    cd "$kubernetes" # openapi-gen looks for vendored imports from where it runs
    openapi=$(grep -lR '^// *+k8s:openapi-gen=' --include='*.go' pkg vendor/k8s.io |
        grep -vE '^vendor/k8s.io/(code-generator|kube-openapi|sample-apiserver)/' |
        xargs -n1 dirname | LC_ALL=C sort -u | sed 's,^,k8s.io/kubernetes/,' | paste -sd,)
    go build -o "$work/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
    "$work/openapi-gen" --logtostderr \
        --input-dirs "$openapi" \
        --output-package k8s.io/kubernetes/pkg/generated/openapi \
        --output-file-base zz_generated.openapi \
        --go-header-file "$kubernetes/vendor/k8s.io/code-generator/hack/boilerplate.go.txt" \
        --report-filename /dev/null
}

compile() {
    local package flags="-s -w" command
    for package in k8s.io/client-go/pkg/version k8s.io/component-base/version; do
        package=k8s.io/kubernetes/vendor/$package
        flags+=" -X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=20"
        flags+=" -X $package.gitCommit=$commit -X $package.gitTreeState=archive"
    done
    for command in kube-apiserver kube-controller-manager; do
        say "compiling $command"
        go build -trimpath -ldflags "$flags" -o "$work/result/bin/$command" "k8s.io/kubernetes/cmd/$command"
    done
}

# Runs every binary once, so that a broken one is not kept for ever, and then moves them all into place at a stroke.
finish() {
    local bin=$work/result/bin
    cp "$work"/root/usr/bin/{etcd,kubectl} "$bin"
    "$bin/kube-apiserver" --version
    "$bin/kube-controller-manager" --version
    "$bin/etcd" --version
    "$bin/kubectl" version --client --short
    # When somebody else's build has just finished in the same place, theirs is as good.
    mv --no-target-directory "$work/result" "$cache" || complete "$cache/bin" "${binaries[@]}"
}

if [[ -n ${KUBEBUILDER_ASSETS-} ]]; then
    complete "$KUBEBUILDER_ASSETS" kube-apiserver etcd kubectl ||
        fail "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, which lacks one of kube-apiserver, etcd and kubectl." \
            "Correct it, or unset it to build them."
    use "$KUBEBUILDER_ASSETS"
fi

readonly binaries=(kube-apiserver kube-controller-manager etcd kubectl)
readonly cache=${CONTROL_PLANE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/csi-manifests/control-plane-$version}
if complete "$cache/bin" "${binaries[@]}"; then
    use "$cache/bin"
fi

require_bookworm
[[ ! -e $cache ]] || rmdir "$cache" ||
    fail "$cache exists and is not a finished build. Remove it, or set CONTROL_PLANE_CACHE."
mkdir -p "$(dirname "$cache")"
# Beside the result, so that the last step is a rename: a build that was cut short can never pass for a finished one.
work=$(mktemp --directory "$cache.building.XXXXXX")
readonly work kubernetes=$work/go/src/k8s.io/kubernetes
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# GOPATH mode: the source says `vendor` and its go.mod does not match it closely enough for Go 1.19's module mode.
export GOROOT=$work/root/usr/lib/go-$compiler GOPATH=$work/go GOCACHE=$work/go-cache GOTMPDIR=$work
export GO111MODULE=off GOENV=off GOFLAGS='' CGO_ENABLED=0 PATH=$work/root/usr/lib/go-$compiler/bin:$PATH

say "building Kubernetes $version in $work"
prepare_apt
fetch
prepare_source
compile
finish
use "$cache/bin"
