/** The axes of a chart: positions of values, grid lines and labels. */

import { svg } from "../dom.js";

export const WIDTH = 640;
export const HEIGHT = 280;
const MARGIN = { left: 64, right: 16, top: 16, bottom: 52 };
const GRID_LINES = 4;
const COMPACT_NUMBER = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** Return the positions of the categories and values of a chart. */
export function chartScale({ series, axis_config: { categories } }) {
  const values = series.flatMap(({ data }) => data.map(({ value }) => value));
  const ticks = roundTicks(Math.min(0, ...values), Math.max(0, ...values));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const step = (WIDTH - MARGIN.left - MARGIN.right) / categories.length;
  return {
    categories, ticks, step, count: series.length,
    x: (index) => MARGIN.left + (index + 0.5) * step,
    y: (value) => HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom),
  };
}

/** Return the grid lines and labels of a chart. */
export function axes({ axis_config: { x_label: xLabel, y_label: yLabel } }, scale) {
  const middle = (HEIGHT - MARGIN.bottom + MARGIN.top) / 2;
  return svg("g", { class: "axes", "aria-hidden": "true" },
    scale.ticks.map((tick) => [
      svg("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: scale.y(tick), y2: scale.y(tick) }),
      svg("text", { x: MARGIN.left - 8, y: scale.y(tick) + 4, "text-anchor": "end" }, COMPACT_NUMBER.format(tick)),
    ]),
    scale.categories.map((name, index) =>
      svg("text", { x: scale.x(index), y: HEIGHT - MARGIN.bottom + 18, "text-anchor": "middle" }, truncateLabel(name, scale.step))),
    xLabel && svg("text", { x: WIDTH / 2, y: HEIGHT - 8, "text-anchor": "middle" }, xLabel),
    yLabel && svg("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, yLabel));
}

/** Return round numbers that cover the range between two values. */
function roundTicks(low, high) {
  const roughStep = (high - low || 1) / GRID_LINES;
  const size = 10 ** Math.floor(Math.log10(roughStep));
  const step = [1, 2, 5, 10].find((factor) => factor * size >= roughStep) * size;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function truncateLabel(name, width) {
  const maxLength = Math.max(3, Math.floor(width / 7));
  return name.length > maxLength ? `${name.slice(0, maxLength - 1)}…` : name;
}
