"""Does every failure of Lecture 7 really fail, and does its remedy really mend it?

    python -m benchmarks.failures [--seeds 5] [--case mode-collapse]

A cell is the indicator of each seed, failing / mended; the thresholds are those of the page and of the slow test.
"""

import argparse
import time

from benchmarks.common import machine, trained
from genmodels import device
from genmodels.studies.failures.case import Case
from genmodels.studies.failures.cases import CASES


def indicators(case: Case, seed: int) -> tuple[float, float]:
    """Train both runs and return the indicator of each."""
    values = []
    for spec in (case.failing(seed), case.mended(seed)):
        model, data, _ = trained(spec.dataset, spec.model, "quick", seed, spec.settings.model_dump())
        values.append(case.measure().measure(model, data, device.generator(data.device, 0, "failures")))
    return values[0], values[1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--case", choices=CASES, action="append")
    options = parser.parse_args()
    print("| failure | indicator | ill, well | failing | mended | fails, mended | s |\n|---|---|---|---|---|---|---|")
    for name in options.case or CASES:
        case, begun = CASES[name], time.process_time()
        before, after = zip(*(indicators(case, seed) for seed in range(options.seeds)), strict=True)
        fails, mends = sum(map(case.is_ill, before)), sum(map(case.is_well, after))
        text = case.measure().text
        seconds = (time.process_time() - begun) / options.seeds
        print(
            f"| {name} | {case.measure().title} | {text(case.ill)}, {text(case.well)} | {', '.join(map(text, before))} | "
            f"{', '.join(map(text, after))} | {fails} of {options.seeds}, {mends} of {options.seeds} | {seconds:.1f} |",
            flush=True,
        )
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
