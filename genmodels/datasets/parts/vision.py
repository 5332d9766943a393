"""The only place that imports torchvision, so that it also imports beside a CPU-only torch.

The usual torchvision is built for GPUs; beside a CPU build of torch its compiled operators are missing and the import fails,
although datasets need none of them. Their schemas are declared here first, and only where they are missing.
"""

import torch


def _declare_missing() -> None:
    boxes = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            torch.library.define(f"torchvision::{name}", boxes)


_declare_missing()

from torchvision import datasets  # noqa: E402 - the operators must be declared first

__all__ = ["datasets"]
