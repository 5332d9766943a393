// Drawing on a canvas.

export function pixelRatio() {
  return window.devicePixelRatio || 1;
}

// Gives a canvas so many pixels of the device, each shown as one: pictures stay crisp.
export function resizeCanvas(canvas, width, height, ratio) {
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
}

export function drawLine(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

// A circle as the pen's path, to be filled or stroked.
function traceCircle(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}

export function fillCircle(pen, x, y, radius) {
  traceCircle(pen, x, y, radius);
  pen.fill();
}

export function strokeCircle(pen, x, y, radius) {
  traceCircle(pen, x, y, radius);
  pen.stroke();
}

// Turns light for dark: light ink on black becomes ink on paper.
export function invert(pen) {
  pen.globalCompositeOperation = "difference";
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
}

// A short bar in place of a picture that a model cannot make; `x` and `y` are its middle.
export function drawDash(pen, x, y, ratio) {
  pen.globalAlpha = 1;
  pen.fillStyle = "#888";
  pen.fillRect(x - 14 * ratio, y - ratio, 28 * ratio, 2 * ratio);
}
