"""Findings as text, JSON, annotations for GitHub Actions, and SARIF: a module each, with a function ``emit``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from csi_manifests.checks.report import Report

FORMATS = ("text", "json", "github", "sarif")


def emit(report: Report, form: str, *, color: bool = False) -> str:
    """Write a report in one of :data:`FORMATS`; colour is for text on a terminal."""
    writer = importlib.import_module(f"{__name__}.{form}")
    return cast("str", writer.emit(report, color=color))
