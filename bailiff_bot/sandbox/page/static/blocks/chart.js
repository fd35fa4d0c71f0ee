/** The `data_visualization` block: an SVG chart, with its figures as a table for screen readers. */

import { h, svg } from "../dom.js";
import { axes, chartScale, WIDTH, HEIGHT } from "./axes.js";
import { pie } from "./pie.js";
import { unknown } from "./unknown.js";

const DRAW_SERIES = { line: lines, area: areas, bar: bars };

/** Return the block. */
export function chart(block) {
  const { chart: content, title } = block;
  const drawing = content.type === "pie" ? pie(content.segments) : axesAndSeries(content);
  if (!drawing) return unknown("chart", content);
  return h("figure", { class: "chart" },
    h("figcaption", {}, title),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${content.type} chart` }, drawing),
    legend(content),
    valueTable(content, title));
}

function axesAndSeries(content) {
  if (!Object.hasOwn(DRAW_SERIES, content.type)) return null;
  const scale = chartScale(content);
  return [axes(content, scale), content.series.map((series, index) => DRAW_SERIES[content.type](series, index, scale))];
}

function lines(series, index, scale) {
  const points = pointsInAxisOrder(series, scale).map(({ value }, at) => [scale.x(at), scale.y(value)]);
  return svg("g", { class: `series s${index}` },
    svg("polyline", { class: "stroke", points: points.map((point) => point.join()).join(" ") }),
    points.map(([cx, cy]) => svg("circle", { class: "fill", cx, cy, r: 4 })));
}

function areas(series, index, scale) {
  const values = pointsInAxisOrder(series, scale);
  const top = values.map(({ value }, at) => `${scale.x(at)},${scale.y(value)}`);
  const baseline = `${scale.x(values.length - 1)},${scale.y(0)} ${scale.x(0)},${scale.y(0)}`;
  return svg("g", { class: `series s${index}` },
    svg("polygon", { class: "veil", points: `${top.join(" ")} ${baseline}` }),
    svg("polyline", { class: "stroke", points: top.join(" ") }));
}

function bars(series, index, scale) {
  const width = Math.min(44, (scale.step * 0.7) / scale.count);
  const left = (at) => scale.x(at) + (index - scale.count / 2) * width;
  return svg("g", { class: `series s${index}` }, pointsInAxisOrder(series, scale).map(({ value }, at) => svg("rect", {
    class: "fill", x: left(at) + 1, width: width - 2, rx: 2,
    y: Math.min(scale.y(value), scale.y(0)), height: Math.abs(scale.y(value) - scale.y(0)),
  })));
}

/** Return the points of a series in the order of the axis. */
function pointsInAxisOrder({ data }, { categories }) {
  return categories.map((label) => data.find((point) => point.label === label) ?? { label, value: 0 });
}

function legend({ series, segments }) {
  const names = (series ?? segments).map((item) => item.name ?? item.label);
  if (series?.length === 1) return null;
  return h("ul", { class: "legend", "aria-hidden": "true" },
    names.map((name, index) => h("li", {}, h("span", { class: `patch s${index}` }), name)));
}

/** Return the figures as a visually hidden table. */
function valueTable({ segments, series, axis_config: axis }, title) {
  const rows = segments
    ? segments.map(({ label, value }) => [label, value])
    : axis.categories.map((label) => [label, ...series.map((item) => pointsInAxisOrder(item, axis).find((p) => p.label === label).value)]);
  const headers = ["", ...(segments ? ["Value"] : series.map(({ name }) => name))];
  return h("table", { class: "visually-hidden" }, h("caption", {}, title),
    h("thead", {}, h("tr", {}, headers.map((header) => h("th", { scope: "col" }, header)))),
    h("tbody", {}, rows.map(([label, ...values]) => h("tr", {}, h("th", { scope: "row" }, label),
      values.map((value) => h("td", {}, String(value)))))));
}
