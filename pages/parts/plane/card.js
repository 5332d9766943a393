// The card beside the dot that is pointed at: its picture beside the original.

export function fillCard(card, plane, k) {
  const [original, picture] = card.querySelectorAll("canvas"), whose = card.querySelector(".whose");
  const source = plane.sourceOf(k);
  const size = plane.frame.narrow ? 84 : 112;
  plane.tiles.fill(original, plane.originalOf(k), size);
  plane.tiles.fill(picture, k, size);
  whose.textContent = source.title;
  whose.style.setProperty("--own", plane.colour(source));
  card.querySelector(".numbers").textContent = plane.words(k);
  const { width, height } = card.getBoundingClientRect();
  const { left, top } = cardPlace(plane.frame, plane.placeOf(k), width, height);
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}

// Right of the dot, or left of it where there is no room, within the plane.
export function cardPlace(frame, [x, y], width, height) {
  const left = x + 26 + width < frame.width ? x + 26 : Math.max(2, x - 26 - width);
  const within = (v, most) => Math.max(2, Math.min(v, most - 2));
  return { left: within(left, frame.width - width), top: within(y - height / 2, frame.height - height) };
}
