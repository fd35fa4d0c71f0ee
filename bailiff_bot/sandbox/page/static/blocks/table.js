/** Cells, and the plain `table` block. */

import { h } from "../dom.js";
import { richText } from "./richtext.js";
import { unknown } from "./unknown.js";

/** Return the nodes in a cell. */
export function cellNodes(cell, context) {
  if (cell.type === "rich_text") return richText(cell, context);
  if (cell.type === "raw_text" || cell.type === "raw_number") return [cellText(cell)];
  return [unknown("cell", cell)];
}

/** Return the text of a cell, for sorting and filtering. */
export function cellText(cell) {
  if (cell.type === "raw_number") return cell.text ?? String(cell.value);
  if (cell.type === "raw_text") return cell.text;
  return collectTexts(cell).join("");
}

/** Return a table that scrolls horizontally, also with the keyboard. */
export function scrollable(label, table) {
  return h("div", { class: "table-box", role: "region", "aria-label": label, tabindex: "0" }, table);
}

/** Return a `table` block; its first row is the header. */
export function plainTable(block, context) {
  const [header, ...rows] = block.rows;
  const columnClass = (index) => {
    const settings = block.column_settings?.[index] ?? {};
    return `${settings.align ?? "left"}${settings.is_wrapped === false ? " unwrapped" : ""}`;
  };
  return h("div", { class: "plain-table" }, scrollable("Table", h("table", {},
    h("thead", {}, h("tr", {}, header.map((cell, index) =>
      h("th", { scope: "col", class: columnClass(index) }, cellNodes(cell, context))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, index) =>
      h("td", { class: columnClass(index) }, cellNodes(cell, context)))))))));
}

function collectTexts(value) {
  if (Array.isArray(value)) return value.flatMap(collectTexts);
  if (value === null || typeof value !== "object") return [];
  if (typeof value.text === "string") return [value.text];
  if (value.type === "link") return [value.url];
  return Object.values(value).flatMap(collectTexts);
}
