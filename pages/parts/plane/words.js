// A dot's numbers in words.

// Realism as its judge says it: log odds of being real as a percentage, log2 of a density ratio, or a discriminator's
// logit.
export function realismWords(kind, value) {
  if (kind === "odds") return `real: ${percentWords(100 / (1 + Math.exp(-value)))} %`;
  if (kind === "log2") return `realism ${(2 ** value).toFixed(2)}`;
  return `D ${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

const nameOf = ({ label }) => label.split(":")[0];

// The plane in words: the mean of each source that is shown, and what keys do.
export function planeWords({ sources, kind, axes }, n, isShown) {
  const means = sources.filter((_, s) => isShown(s)).map(({ title, mean: [error, realism] }) =>
    `${title} ${error.toFixed(3)}, ${realismWords(kind, realism)}`);
  return `Plane of ${n} test pictures in ${means.length} versions, ${nameOf(axes.x)} against ${nameOf(axes.y)}. ` +
    `Means: ${means.join("; ")}. Arrow keys step from dot to dot, Enter picks a dot or drops it, Shift and an arrow ` +
    `pick on the way, Escape drops all.`;
}

// Near 0 one digit, near 100 a decimal more: both ends matter.
function percentWords(p) {
  if (p < 1) return p.toPrecision(1);
  return p > 99 ? p.toFixed(1) : p.toFixed(0);
}
