/** The axes of a chart: positions of values, grid lines and labels. */

import { svg } from "../dom.js";

export const WIDTH = 640;
export const HEIGHT = 280;
const EDGE = { left: 64, right: 16, top: 16, bottom: 52 };
const LINES = 4;
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** Return the positions of the categories and values of a chart. */
export function frame({ series, axis_config: { categories } }) {
  const values = series.flatMap(({ data }) => data.map(({ value }) => value));
  const ticks = ticksOver(Math.min(0, ...values), Math.max(0, ...values));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const step = (WIDTH - EDGE.left - EDGE.right) / categories.length;
  return {
    categories, ticks, step, count: series.length,
    x: (index) => EDGE.left + (index + 0.5) * step,
    y: (value) => HEIGHT - EDGE.bottom - ((value - low) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom),
  };
}

/** Return the grid lines and labels of a chart. */
export function axes({ axis_config: { x_label: below, y_label: beside } }, scale) {
  const middle = (HEIGHT - EDGE.bottom + EDGE.top) / 2;
  return svg("g", { class: "axes", "aria-hidden": "true" },
    scale.ticks.map((tick) => [
      svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: scale.y(tick), y2: scale.y(tick) }),
      svg("text", { x: EDGE.left - 8, y: scale.y(tick) + 4, "text-anchor": "end" }, SHORT.format(tick)),
    ]),
    scale.categories.map((name, index) =>
      svg("text", { x: scale.x(index), y: HEIGHT - EDGE.bottom + 18, "text-anchor": "middle" }, fitting(name, scale.step))),
    below && svg("text", { x: WIDTH / 2, y: HEIGHT - 8, "text-anchor": "middle" }, below),
    beside && svg("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, beside));
}

/** Return round numbers that cover the range between two values. */
function ticksOver(low, high) {
  const rough = (high - low || 1) / LINES;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * size >= rough) * size;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function fitting(name, width) {
  const most = Math.max(3, Math.floor(width / 7));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
