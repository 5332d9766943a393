// Pictures that come as sheets: many tiles of one size in one image, row by row.

export const SHEET_COLUMNS = 8; // tiles across a sheet, as genmodels/views/tiles.py lays them

// Images by address, each decoded once; `onLoad` is called when one is there.
export class Images {
  constructor(limit, onLoad) {
    this.limit = limit;
    this.onLoad = onLoad;
    this.images = new Map();
  }

  // The image, or null as long as it is not decoded.
  get(url) {
    if (!url) return null;
    let image = this.images.get(url);
    if (!image) {
      image = new Image();
      image.src = url;
      image.decode().then(this.onLoad, () => {});
      if (this.images.size > this.limit) this.images.clear();
      this.images.set(url, image);
    }
    return image.complete && image.naturalWidth ? image : null;
  }
}

// The corner of tile k in a sheet of so many columns: x and y in the sheet's pixels.
export function tileCorner(k, columns, width, height) {
  return [(k % columns) * width, Math.floor(k / columns) * height];
}

// Draws tile k of a sheet into a box; `tile` is [width, height].
export function drawTile(pen, sheet, k, columns, [width, height], ...box) {
  pen.drawImage(sheet, ...tileCorner(k, columns, width, height), width, height, ...box);
}

// By how much a tile is scaled to fill `room`: a whole factor, so that its pixels stay square, unless that is below
// `least`.
export function tileScale(room, width, height, least = 2) {
  const scale = room / Math.max(width, height);
  return scale >= least ? Math.floor(scale) : scale;
}
