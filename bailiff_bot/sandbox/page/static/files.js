/** Files of a message: name, preview and download. */

import { h } from "./dom.js";

const MAX_PREVIEW_ROWS = 30;
const UNITS = ["bytes", "KB", "MB"];

/** Return a file's node. */
export function drawFile({ name, title, size, content, filetype }) {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const text = new TextDecoder().decode(bytes);
  return h("div", { class: "file" },
    h("p", { class: "file-name" }, h("span", { "aria-hidden": "true" }, "📄 "), h("strong", {}, title || name),
      h("span", { class: "file-size" }, formatSize(size)),
      h("button", { type: "button", class: "quiet", "data-focus": `file-${name}`, onclick: () => download(name, bytes) },
        `Download ${name}`)),
    h("details", {}, h("summary", {}, "Preview"), filetype === "csv" ? csvTable(text, name) : h("pre", {}, text)));
}

/** Return the rows of a CSV text; cells may be quoted (RFC 4180). */
export function parseCsv(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  for (let match; cell.lastIndex < text.length && (match = cell.exec(text)); ) {
    rows.at(-1).push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] !== "," && cell.lastIndex < text.length) rows.push([]);
  }
  return rows;
}

function csvTable(text, name) {
  const [header, ...rows] = parseCsv(text.replace(/^\ufeff/, ""));
  return h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": name },
    h("table", {},
      h("thead", {}, h("tr", {}, header.map((cell) => h("th", { scope: "col" }, cell)))),
      h("tbody", {}, rows.slice(0, MAX_PREVIEW_ROWS).map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))),
    rows.length > MAX_PREVIEW_ROWS && h("p", { class: "hint" }, `${rows.length - MAX_PREVIEW_ROWS} more rows in the file`));
}

function download(name, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function formatSize(bytes) {
  const unitIndex = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** unitIndex).toFixed(unitIndex ? 1 : 0)} ${UNITS[unitIndex]}`;
}
