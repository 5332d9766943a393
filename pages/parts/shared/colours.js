// Colours as numbers.

// [red, green, blue], 0 to 255, of "#rrggbb".
export function rgbOf(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// 256 colours from the first of `stops` to the last.
export function colourRamp(stops) {
  const rgb = stops.map(rgbOf);
  return Array.from({ length: 256 }, (_, v) => {
    const position = (v / 255) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(position));
    return `rgb(${rgb[i].map((c, j) => Math.round(c + (rgb[i + 1][j] - c) * (position - i))).join()})`;
  });
}

// The mean of colours by the k weights that stand in `weights` from `start`.
export function weightedColour(colours, weights, start, k) {
  const sum = [0, 0, 0];
  for (let j = 0; j < k; j++) for (let c = 0; c < 3; c++) sum[c] += weights[start + j] * colours[j][c];
  return `rgb(${sum.map((v) => v | 0).join(" ")})`;
}
