// Dots as pictures: tiles of the sheet, and which of them have room in the plane.

import { drawTile } from "../shared/pictures.js";

// The tiles of a decoded sheet, n a row: a row a source, and below them the originals.
export class Tiles {
  constructor(sheet, tile, n, ratio) {
    Object.assign(this, { sheet, tile, n, ratio });
  }

  // Tile k with its middle at x, y, in a frame of a colour.
  paint(pen, k, x, y, size, colour, frame = 1.5) {
    const [w, h] = this.tile;
    pen.imageSmoothingEnabled = size * this.ratio < w;
    drawTile(pen, this.sheet, k, this.n, this.tile, x - size / 2, y - size / 2, size, size * (h / w));
    pen.lineWidth = frame;
    pen.strokeStyle = colour;
    pen.strokeRect(x - size / 2 - frame / 2, y - size / 2 - frame / 2, size + frame, size + frame);
  }

  // Tile k as all of a canvas `size` px wide, every pixel of it enlarged by a whole factor.
  fill(canvas, k, size) {
    const [w, h] = this.tile, scale = Math.max(1, Math.round((size * this.ratio) / w));
    canvas.width = w * scale;
    canvas.height = h * scale;
    canvas.style.width = `${size}px`;
    canvas.style.height = `${(size * h) / w}px`;
    if (!this.sheet) return;
    const pen = canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    drawTile(pen, this.sheet, k, this.n, this.tile, 0, 0, canvas.width, canvas.height);
  }
}

// The width of a thumbnail of a tile `side` pixels wide: enlarged by a whole factor, never shrunk on a desk.
export function thumbnailSize(side, narrow) {
  const target = narrow ? 18 : 26;
  if (side <= target) return side * Math.max(1, Math.round(target / side));
  return narrow ? target : side;
}

// All dots of n pictures and so many sources, in an order that favours no source and no part of the data.
export function fairOrder(n, sources) {
  return Array.from({ length: n * sources }, (_, i) => (i % sources) * n + ((Math.floor(i / sources) * 37 + 11) % n));
}

// Squares of one size that overlap neither each other nor given boxes.
export class Spacing {
  constructor(size, boxes) {
    this.cell = size + 3;
    this.boxes = boxes.map((box) => ({
      x: box.x + box.width / 2, y: box.y + box.height / 2,
      width: box.width / 2 + size / 2 + 2, height: box.height / 2 + size / 2 + 2,
    }));
    this.squares = new Map(); // middles by cell of a grid: only neighbouring cells can overlap
  }

  // Takes the square with its middle at x, y if it is free; returns whether it was.
  take(x, y) {
    if (!this.isFree(x, y)) return false;
    const key = this.key(x, y);
    this.squares.set(key, [...(this.squares.get(key) ?? []), [x, y]]);
    return true;
  }

  isFree(x, y) {
    const { cell, boxes } = this;
    const isNear = ([u, v], width, height) => Math.abs(u - x) < width && Math.abs(v - y) < height;
    if (boxes.some((box) => isNear([box.x, box.y], box.width, box.height))) return false;
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        const others = this.squares.get(this.key(x + i * cell, y + j * cell)) ?? [];
        if (others.some((other) => isNear(other, cell, cell))) return false;
      }
    }
    return true;
  }

  key(x, y) { return `${Math.floor(x / this.cell)},${Math.floor(y / this.cell)}`; }
}
