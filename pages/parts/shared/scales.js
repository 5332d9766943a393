// Axes: ranges, ticks, and the paths of lines.

// The range of values without the smallest and largest `share` of them; widened if it is narrower than `least`,
// relative to its end.
export function trimmedRange(values, share, least) {
  const sorted = values.toSorted((a, b) => a - b), n = sorted.length;
  const low = sorted[Math.floor(n * share)], high = sorted[Math.ceil(n * (1 - share)) - 1];
  return high - low > least * Math.max(1, Math.abs(high)) ? [low, high] : [low - 0.5, high + 0.5];
}

export function paddedRange([low, high], share) {
  const pad = (high - low) * share;
  return [low - pad, high + pad];
}

// Three to seven round numbers within a range, 1, 2 or 5 times a power of ten apart.
export function niceTicks(low, high) {
  const rough = (high - low) / 3, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let t = Math.ceil(low / step) * step; t <= high; t += step) ticks.push(Math.abs(t) < step / 1e6 ? 0 : t);
  return ticks;
}

// Powers of ten, and three times those where there are few, whose logarithms are within a range.
export function logTicks(low, high) {
  const ticks = [];
  for (let e = Math.floor(low); e <= high; e++) for (const m of high - low > 2 ? [1] : [1, 3]) ticks.push(m * 10 ** e);
  return ticks.filter((t) => Math.log10(t) >= low && Math.log10(t) <= high);
}

// The decimals that tell ticks apart.
export function tickDecimals(ticks) {
  return Math.max(0, Math.ceil(-Math.log10(ticks[1] - ticks[0]) - 1e-9));
}

// Moves labels that would overlap apart, keeping their order, within a range.
export function spreadLabels(places, gap, low, high) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  const out = [...places];
  order.forEach((i, k) => { out[i] = Math.max(out[i], k ? out[order[k - 1]] + gap : low); });
  for (let k = order.length - 1, limit = high; k >= 0; k--, limit = out[order[k + 1]] - gap) {
    out[order[k]] = Math.min(out[order[k]], limit);
  }
  return out;
}

// The path of a line in SVG.
export function linePath(xs, ys) {
  return xs.map((x, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${ys[i].toFixed(1)}`).join("");
}
