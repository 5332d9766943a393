"""Swapped identities as rows of pictures, a table and a number."""

from typing import Any

from torch import Tensor

from genmodels.studies.swap import SwapFinding


def strips(finding: SwapFinding) -> list[tuple[str, Tensor]]:
    """Return label and pictures (N, 1, H, W) of each row: the source, the fakes from worst to best, the truth."""
    fakes = zip(finding.judgements, finding.fakes, strict=True)
    middle = [(f"as Ben, after {judgement.step:,} updates", pictures) for judgement, pictures in fakes]
    return [("Ada, who exists nowhere", finding.source), *middle, ("what it should be", finding.true)]


def table(finding: SwapFinding) -> list[dict[str, Any]]:
    """Return one row for each number of updates at which the swap was judged."""
    return [
        {
            "updates": judgement.step,
            "error to the truth (RMSE)": judgement.rmse,
            "taken for Ben": 100 * judgement.as_other,
            **{f"{name} kept (R²)": r2 for name, r2 in zip(finding.expression, judgement.expression_r2, strict=True)},
            "detector right": 100 * judgement.detector,
        }
        for judgement in finding.judgements
    ]


def number(finding: SwapFinding) -> tuple[str, str, str]:
    """Return name, value and note of how well a detector tells the best fake."""
    last = finding.judgements[-1]
    note = (
        "Held-out accuracy of a small net that tells real frames of Ben from swapped ones; 50 % is guessing, and against frames "
        f"that are really Ben's it reads {last.detector_floor:.0%}."
    )
    return "Detector against the best fake", f"{last.detector:.0%}", note
