"""A harmless deepfake: one encoder, two decoders, two drawn identities."""

from genmodels.studies.swap.study import Swap, SwapFinding

__all__ = ["Swap", "SwapFinding"]
