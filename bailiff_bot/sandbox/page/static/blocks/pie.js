/** Pie charts. */

import { svg } from "../dom.js";
import { HEIGHT, WIDTH } from "./axes.js";

const CENTRE = [WIDTH / 2, HEIGHT / 2];
const RADIUS = 120;
/** A smaller slice has no room for its label. */
const MIN_LABELLED_SHARE = 0.05;

/** Return the slices, clockwise from the top. */
export function pie(segments) {
  const total = segments.reduce((sum, { value }) => sum + value, 0);
  let start = 0;
  return segments.map(({ label, value }, index) => {
    const share = value / total;
    const slice = svg("g", { class: `series s${index}` },
      svg("path", { class: "fill slice", d: path(start, start + share) }, svg("title", {}, `${label}: ${value}`)),
      share >= MIN_LABELLED_SHARE && shareLabel(start + share / 2, share));
    start += share;
    return slice;
  });
}

function path(start, end) {
  if (end - start > 0.9999) {
    const [x, y] = CENTRE;
    return `M${x},${y - RADIUS}a${RADIUS},${RADIUS} 0 1 1 -0.01,0Z`;
  }
  const large = end - start > 0.5 ? 1 : 0;
  return `M${CENTRE} L${point(start, RADIUS)} A${RADIUS},${RADIUS} 0 ${large} 1 ${point(end, RADIUS)} Z`;
}

function shareLabel(position, share) {
  const [x, y] = point(position, RADIUS * 0.68);
  return svg("text", { class: "share", x, y: y + 5, "text-anchor": "middle" }, `${Math.round(share * 100)}%`);
}

function point(position, radius) {
  const angle = 2 * Math.PI * position;
  return [CENTRE[0] + radius * Math.sin(angle), CENTRE[1] - radius * Math.cos(angle)];
}
