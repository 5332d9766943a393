// A Gaussian mixture in the plane: `weights`, `means` [x, y] and `covariances` [xx, xy, yy], one of each a component.

import { normalPair } from "../shared/numbers.js";

// log N(x | mean, covariance) without its constant -log(2 pi).
function logKernel([x, y], mean, [a, b, c]) {
  const det = a * c - b * b, dx = x - mean[0], dy = y - mean[1];
  return -Math.log(det) / 2 - (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / det / 2;
}

function logJoint(point, { weights, means, covariances }) {
  return weights.map((w, j) => Math.log(w) + logKernel(point, means[j], covariances[j]));
}

// p(z | x) of each point: K numbers a point. Points are x and y in turn.
export function responsibilities(points, mixture) {
  const k = mixture.weights.length, n = points.length / 2, out = new Float32Array(n * k);
  for (let i = 0; i < n; i++) {
    const logs = logJoint([points[2 * i], points[2 * i + 1]], mixture), largest = Math.max(...logs);
    let sum = 0;
    for (let j = 0; j < k; j++) sum += out[i * k + j] = Math.exp(logs[j] - largest);
    for (let j = 0; j < k; j++) out[i * k + j] /= sum;
  }
  return out;
}

// log p(x), in nats.
export function logDensity(point, mixture) {
  const logs = logJoint(point, mixture), largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, v) => sum + Math.exp(v - largest), 0)) - Math.log(2 * Math.PI);
}

// One sample: z from the weights, then x = mean + L e, with L L' the covariance and e standard normal.
export function drawSample({ weights, means, covariances }, random) {
  const u = random();
  let z = 0, sum = weights[0];
  while (sum < u && z < weights.length - 1) sum += weights[++z];
  const [a, b, c] = covariances[z], l = Math.sqrt(a), m = b / l, q = Math.sqrt(Math.max(c - m * m, 0));
  const [e, f] = normalPair(random);
  return { z, x: [means[z][0] + l * e, means[z][1] + m * e + q * f] };
}

// The ellipse of one standard deviation: its half axes, and by how much the longer one is turned from x, in radians.
export function ellipseOf([a, b, c]) {
  const half = Math.hypot((a - c) / 2, b), middle = (a + c) / 2;
  const long = Math.sqrt(middle + half), short = Math.sqrt(Math.max(middle - half, 0));
  return { long, short, turn: Math.atan2(2 * b, a - c) / 2 };
}
