// A dot's numbers in words.

// Realism as its judge says it: log odds of being real as a percentage, log2 of a density ratio, or a discriminator's
// logit.
export function realismWords(kind, value) {
  if (kind === "odds") return `real: ${percentWords(100 / (1 + Math.exp(-value)))} %`;
  if (kind === "log2") return `realism ${(2 ** value).toFixed(2)}`;
  return `D ${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

// Near 0 one digit, near 100 a decimal more: both ends matter.
function percentWords(p) {
  if (p < 1) return p.toPrecision(1);
  return p > 99 ? p.toFixed(1) : p.toFixed(0);
}
