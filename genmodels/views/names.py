"""What specs are called where several are listed: equal names mean equal specs."""

from collections import Counter
from collections.abc import Sequence

from genmodels.runs import Spec


def names(specs: Sequence[Spec]) -> list[str]:
    """Return a name for each; specs of equal titles are named in full."""
    counts = Counter(spec.title for spec in specs)
    return [spec.full_title if counts[spec.title] > 1 else spec.title for spec in specs]
