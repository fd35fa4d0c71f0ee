/** The `data_visualization` block: an SVG chart, with its figures as a table for screen readers. */

import { h, svg } from "../dom.js";
import { axes, frame, WIDTH, HEIGHT } from "./axes.js";
import { pie } from "./pie.js";
import { unknown } from "./unknown.js";

const DRAWN = { line: lines, area: areas, bar: bars };

/** Return the block. */
export function chart(block) {
  const { chart: content, title } = block;
  const drawing = content.type === "pie" ? pie(content.segments) : drawn(content);
  if (!drawing) return unknown("chart", content);
  return h("figure", { class: "chart" },
    h("figcaption", {}, title),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${content.type} chart` }, drawing),
    legend(content),
    figures(content, title));
}

function drawn(content) {
  if (!Object.hasOwn(DRAWN, content.type)) return null;
  const scale = frame(content);
  return [axes(content, scale), content.series.map((series, index) => DRAWN[content.type](series, index, scale))];
}

function lines(series, index, scale) {
  const points = inOrder(series, scale).map(({ value }, at) => [scale.x(at), scale.y(value)]);
  return svg("g", { class: `series s${index}` },
    svg("polyline", { class: "stroke", points: points.map((point) => point.join()).join(" ") }),
    points.map(([cx, cy]) => svg("circle", { class: "fill", cx, cy, r: 4 })));
}

function areas(series, index, scale) {
  const values = inOrder(series, scale);
  const top = values.map(({ value }, at) => `${scale.x(at)},${scale.y(value)}`);
  const ground = `${scale.x(values.length - 1)},${scale.y(0)} ${scale.x(0)},${scale.y(0)}`;
  return svg("g", { class: `series s${index}` },
    svg("polygon", { class: "veil", points: `${top.join(" ")} ${ground}` }),
    svg("polyline", { class: "stroke", points: top.join(" ") }));
}

function bars(series, index, scale) {
  const width = Math.min(44, (scale.step * 0.7) / scale.count);
  const left = (at) => scale.x(at) + (index - scale.count / 2) * width;
  return svg("g", { class: `series s${index}` }, inOrder(series, scale).map(({ value }, at) => svg("rect", {
    class: "fill", x: left(at) + 1, width: width - 2, rx: 2,
    y: Math.min(scale.y(value), scale.y(0)), height: Math.abs(scale.y(value) - scale.y(0)),
  })));
}

/** Return the points of a series in the order of the axis. */
function inOrder({ data }, { categories }) {
  return categories.map((label) => data.find((point) => point.label === label) ?? { label, value: 0 });
}

function legend({ series, segments }) {
  const names = (series ?? segments).map((one) => one.name ?? one.label);
  if (series?.length === 1) return null;
  return h("ul", { class: "legend", "aria-hidden": "true" },
    names.map((name, index) => h("li", {}, h("span", { class: `patch s${index}` }), name)));
}

/** Return the figures as a visually hidden table. */
function figures({ segments, series, axis_config: axis }, title) {
  const rows = segments
    ? segments.map(({ label, value }) => [label, value])
    : axis.categories.map((label) => [label, ...series.map((one) => inOrder(one, axis).find((p) => p.label === label).value)]);
  const heads = ["", ...(segments ? ["Value"] : series.map(({ name }) => name))];
  return h("table", { class: "visually-hidden" }, h("caption", {}, title),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map(([label, ...values]) => h("tr", {}, h("th", { scope: "row" }, label),
      values.map((value) => h("td", {}, String(value)))))));
}
