"""A comment ignores the findings that it names, in its own document, with a reason; and is told when it does not."""

from __future__ import annotations

import pytest

from csi_manifests.checks.ignoring import leave_out_ignored
from csi_manifests.findings import Finding
from csi_manifests.text.places import Location
from csi_manifests.yaml.reader import Source

ONE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
IGNORE = "# csi-manifests: ignore CSI402 a link"


def finding(line: int, code: str = "CSI402", file: str = "a.yaml") -> Finding:
    return Finding(code, "error", "wrong", "Mend it.", Location(file, line, 1))


def left(text: str, *findings: Finding) -> list[tuple[str, int]]:
    kept, count = leave_out_ignored(findings, [Source("a.yaml", text)])
    assert count == len(findings) - len([each for each in kept if each in findings])
    return [(each.code, each.location.line) for each in kept]


@pytest.mark.parametrize(
    "text",
    [
        f"{IGNORE}\n{ONE}",
        f"{IGNORE}\n---\n{ONE}",
        f"---\n{IGNORE}\n{ONE}",
        f"{ONE}{IGNORE}\n",
        f"{ONE}{IGNORE}",
        f"{ONE}    {IGNORE}\n",
        f"{ONE}#csi-manifests:  ignore\tCSI402   a   link  \n",
        f"{ONE}# csi-manifests: ignore CSI201,CSI402 a link\n",
        f"{ONE}# csi-manifests: ignore socket-mismatch a link\n",
        f"{ONE}# csi-manifests: ignore CSI201,socket-mismatch a link\n",
        f"{ONE}data:\n  a: |\n    text\n  {IGNORE}\n  b: c\n",
        f"{ONE}data:\n  a: |\n    text\n{IGNORE}\n",
        f"{ONE}data: {{a: b,\n  {IGNORE}\n  c: d}}\n",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_comment_anywhere_in_the_document_ignores(text: str, ends: str) -> None:
    others = [code for code in ("CSI201",) if code in text]
    findings = [finding(3), *(finding(3, code) for code in others)]
    assert left(text.replace("\n", ends), *findings) == []


def test_only_its_own_document_code_and_file() -> None:
    text = f"{ONE}---\n{IGNORE}\n{ONE}---\n{ONE}"
    assert left(text, finding(3), finding(6), finding(10)) == [("CSI402", 3), ("CSI402", 10)]
    assert left(text, finding(6, "CSI403"), finding(6)) == [("CSI403", 6)]
    assert left(text, finding(6, file="b.yaml")) == [("CSI402", 6), ("CSI006", 5)]


@pytest.mark.parametrize(("line", "ignored"), [(4, 2), (10, 7), (12, 14), (16, 14), (18, 14)])
def test_a_document_reaches_to_the_next_however_they_are_parted(line: int, ignored: int) -> None:
    lines = f"{ONE}#\n---\n{ONE}...\n#\n--- # third\n#\n{ONE}#\n...\n#\n".splitlines()
    assert lines[line - 1] == "#"
    lines[line - 1] = IGNORE
    expected = [("CSI402", other) for other in (2, 7, 14) if other != ignored]
    assert left("\n".join(lines), finding(2), finding(7), finding(14)) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}data:\n  a: |\n    {IGNORE}\n    more\n",
        f"{ONE}data:\n  a: |\n    text\n\n    {IGNORE}\n",
        f"{ONE}data:\n  a: >-\n    {IGNORE}\n",
        f'{ONE}data:\n  a: "text\n    {IGNORE}\n    more"\n',
        f"{ONE}data:\n  a: 'text\n    {IGNORE}\n    more'\n",
        f"{ONE}data: {{a: b}} {IGNORE}\n",
        f"{ONE}# see csi-manifests: ignore CSI402 a link\n",
    ],
)
def test_what_is_no_comment_of_ours_ignores_nothing(text: str) -> None:
    assert left(text, finding(3)) == [("CSI402", 3)]


@pytest.mark.parametrize("ends", ["\n", "\r\n", ""])
@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# csi-manifests: ignore CSI402", "does not say why CSI402 is to be ignored"),
        ("# csi-manifests: ignore CSI402  \t", "does not say why CSI402"),
        ("# csi-manifests: ignore CSI402,CSI403", "does not say why CSI402,CSI403"),
        ("# csi-manifests: ignore", "is not 'csi-manifests: ignore RULE reason'"),
        ("# csi-manifests:", "is not 'csi-manifests: ignore RULE reason'"),
        ("# csi-manifests: ignore all of it", "there is no rule 'all'"),
        ("# csi-manifests: ignore CSI4022 typo", "there is no rule 'CSI4022'. Did you mean 'CSI402'?"),
        ("# csi-manifests: ignore CSI402, CSI403 space", "is not 'csi-manifests: ignore RULE reason'"),
        ("# csi-manifests: ignore csi402 small", "there is no rule 'csi402'. Did you mean 'CSI402'?"),
        ("# csi-manifests: ignore CSI402,CSI999 a link", "there is no rule 'CSI999'"),
        (
            "# csi-manifests: ignore socket-mismach a link",
            "there is no rule 'socket-mismach'. Did you mean 'socket-mismatch'?",
        ),
        (
            "# csi-manifests: ignore Socket-Mismatch a link",
            "there is no rule 'Socket-Mismatch'. Did you mean 'socket-mismatch'?",
        ),
        ("# csi-manifests: ignore socket-mismatch", "does not say why socket-mismatch is to be ignored"),
        ("# csi-manifests: disable CSI402 word", "is not 'csi-manifests: ignore RULE reason'"),
    ],
)
def test_a_comment_that_cannot_count_is_an_error(comment: str, message: str, ends: str) -> None:
    kept, count = leave_out_ignored([finding(3)], [Source("a.yaml", f"{ONE}  {comment}{ends}")])
    assert count == 0
    assert [(each.code, each.severity) for each in kept] == [("CSI402", "error"), ("CSI005", "error")]
    assert message in kept[1].message
    assert kept[1].location == Location("a.yaml", 4, 3)


def test_a_comment_that_ignores_nothing_is_a_warning() -> None:
    kept, count = leave_out_ignored(
        [], [Source("a.yaml", f"{ONE}# csi-manifests: ignore socket-mismatch,CSI403 two\n")]
    )
    assert count == 0
    assert [(each.code, each.severity, each.message) for each in kept] == [
        ("CSI006", "warning", "nothing in this document is socket-mismatch"),
        ("CSI006", "warning", "nothing in this document is CSI403"),
    ]


def test_a_comment_in_an_empty_document_ignores_nothing() -> None:
    assert left(f"---\n{IGNORE}\n---\n{ONE}", finding(5)) == [("CSI402", 5), ("CSI006", 2)]


def test_a_comment_ignores_all_findings_of_its_code() -> None:
    assert left(f"{ONE}{IGNORE}\n", finding(1), finding(2), finding(3)) == []


def test_many_spaces_take_no_time() -> None:
    text = f"{ONE}# csi-manifests: ignore CSI402 a{' ' * 500_000}b\n#{' ' * 500_000}x csi-manifests:\n"
    assert left(text, finding(3)) == []
