/** The `data_table` block: a table with sorting, a filter and pages. */

import { h } from "../dom.js";
import { cellNodes, cellText, scrollable } from "./table.js";

const PAGE_SIZE = 5;
/** Tables with at least this many rows have a filter. */
const MIN_FILTERED_ROWS = 4;
/** Texts up to this many characters stay on one line, so that ids and regions do not break at their hyphens. */
const MAX_SHORT_LENGTH = 24;
const COLLATOR = new Intl.Collator("en", { sensitivity: "base", numeric: true });

/** Return the block. */
export function dataTable(block, context) {
  return new DataTable(block, context).node;
}

class DataTable {
  constructor(block, context) {
    [this.header, ...this.rows] = block.rows;
    this.block = block;
    this.context = context;
    this.size = block.page_size ?? PAGE_SIZE;
    this.view = { column: null, descending: false, query: "", page: 0 };
    this.body = h("tbody");
    this.headings = this.header.map((cell, index) => this.heading(cell, index));
    this.pager = h("div", { class: "pager" });
    this.node = h("div", { class: "data-table" },
      h("div", { class: "table-tools" }, h("span", { class: "caption" }, block.caption), this.filter()),
      scrollable(block.caption, h("table", {},
        h("caption", { class: "visually-hidden" }, block.caption),
        h("thead", {}, h("tr", {}, this.headings)), this.body)),
      this.pager);
    this.draw();
  }

  heading(cell, index) {
    const sort = h("button", { type: "button", class: "sort", onclick: () => this.sortBy(index) },
      cellText(cell), h("span", { class: "arrow", "aria-hidden": "true" }));
    return h("th", { scope: "col", "aria-sort": "none", class: this.isNumeric(index) ? "right" : "left" }, sort);
  }

  filter() {
    if (this.rows.length < MIN_FILTERED_ROWS) return null;
    return h("input", {
      type: "search", placeholder: "Filter", "aria-label": `Filter ${this.block.caption}`,
      oninput: ({ target }) => this.change({ query: target.value, page: 0 }),
    });
  }

  sortBy(column) {
    const sameColumn = this.view.column === column;
    this.change({ column, descending: sameColumn && !this.view.descending, page: 0 });
  }

  change(view) {
    Object.assign(this.view, view);
    this.draw();
  }

  /** Return the filtered rows in sorted order. */
  filteredRows() {
    const query = this.view.query.toLocaleLowerCase();
    const matching = this.rows.filter((row) => row.some((cell) => cellText(cell).toLocaleLowerCase().includes(query)));
    if (this.view.column === null) return matching;
    const direction = this.view.descending ? -1 : 1;
    return matching.toSorted((first, second) => direction * compare(first[this.view.column], second[this.view.column]));
  }

  isNumeric(index) {
    return this.rows.every((row) => row[index].type === "raw_number");
  }

  draw() {
    const filteredRows = this.filteredRows();
    const start = this.view.page * this.size;
    const shown = filteredRows.slice(start, start + this.size);
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    this.headings.forEach((heading, index) => {
      const order = this.view.descending ? "descending" : "ascending";
      heading.setAttribute("aria-sort", index === this.view.column ? order : "none");
    });
    this.drawPager(filteredRows.length, start, shown.length);
  }

  row(cells) {
    const headerColumn = this.block.row_header_column_index ?? 0;
    return h("tr", {}, cells.map((cell, index) => h(index === headerColumn ? "th" : "td", {
      scope: index === headerColumn ? "row" : null,
      class: `${this.isNumeric(index) ? "right" : "left"}${cellText(cell).length <= MAX_SHORT_LENGTH ? " short" : ""}`,
    }, cellNodes(cell, this.context))));
  }

  drawPager(total, start, count) {
    const rangeText = count ? `${start + 1} to ${start + count} of ${total}` : "Nothing found";
    const focused = document.activeElement?.dataset.step;
    this.pager.replaceChildren(h("span", { role: "status" }, rangeText), ...(total > this.size
      ? [this.pageButton(-1, "Previous page", "‹", start > 0), this.pageButton(1, "Next page", "›", start + count < total)]
      : []));
    if (focused) this.pager.querySelector(`[data-step="${focused}"]`)?.focus();
  }

  pageButton(by, label, symbol, enabled) {
    return h("button", {
      type: "button", class: "quiet icon", "aria-label": label, "data-step": by, "aria-disabled": !enabled && "true",
      onclick: () => enabled && this.change({ page: this.view.page + by }),
    }, symbol);
  }
}

/** Compare numbers by value and everything else as text. */
function compare(first, second) {
  if (first.type === "raw_number" && second.type === "raw_number") return first.value - second.value;
  return COLLATOR.compare(cellText(first), cellText(second));
}
