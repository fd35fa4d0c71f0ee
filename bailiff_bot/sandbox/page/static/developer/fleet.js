/** The fleet: start, stop, rename and delete every instance. */

import { announce, h } from "../dom.js";
import { renderKeyedList } from "../keyed.js";
import { callHandler } from "../sandbox.js";

export class Fleet {
  constructor(store) {
    this.store = store;
    this.filter = h("input", {
      type: "search", placeholder: "Filter by name, id or region", "aria-label": "Filter the instances",
      oninput: () => this.draw(),
    });
    this.list = h("ul", { class: "fleet" });
    this.summary = h("summary", {}, "Instances");
    this.details = h("details", { ontoggle: () => this.render() }, this.summary, this.filter, this.list);
    this.node = h("section", {}, h("h3", {}, "Fleet"), this.details);
    this.fleet = [];
  }

  async render() {
    if (!this.details.open) return;
    this.fleet = await callHandler("fleet");
    this.summary.textContent = `${this.fleet.length} instances`;
    this.draw();
  }

  draw() {
    const query = this.filter.value.toLowerCase();
    // Whole days, so that the list does not change at every refresh and can be clicked.
    const rows = this.fleet.map((row) => ({ ...row, days: Math.floor(row.days) }))
      .filter((row) => `${row.name} ${row.id} ${row.region} ${row.account}`.toLowerCase().includes(query));
    renderKeyedList(this.list, rows, { key: ({ id }) => id, draw: (row) => this.row(row) });
  }

  row({ id, name, state, account, region, days }) {
    const displayName = name?.trim() || id;
    const rename = h("form", { class: "rename", hidden: true, onsubmit: (event) => this.rename(event, id) },
      h("input", { name: "name", value: name ?? "", "aria-label": `New name of ${displayName}` }),
      h("button", { class: "button" }, "Rename"));
    return h("li", {},
      h("strong", {}, name ?? "(no name)"),
      h("p", { class: "hint" }, h("code", {}, id), ` ${state}, started ${days} days ago in ${account}/${region}`),
      h("div", { class: "actions" },
        state === "stopped" && this.button("start", "Start", id, displayName),
        state === "running" && this.button("stop", "Stop", id, displayName),
        h("button", {
          type: "button", class: "button", "data-focus": "rename", "aria-label": `Rename ${displayName}`,
          onclick: () => this.toggleForm(rename),
        }, "Rename …"),
        this.button("delete", "Delete", id, displayName)),
      rename);
  }

  button(name, label, handle, displayName) {
    return h("button", {
      type: "button", class: name === "delete" ? "button danger" : "button", "data-focus": name, "aria-label": `${label} ${displayName}`,
      onclick: async () => {
        await this.store.attempt(name, { handle });
        announce(`${label}: done.`);
      },
    }, label);
  }

  toggleForm(form) {
    form.hidden = !form.hidden;
    if (!form.hidden) form.elements.name.focus();
  }

  /** An empty name removes the Name tag. */
  async rename(event, handle) {
    event.preventDefault();
    await this.store.attempt("rename", { handle, name: event.target.elements.name.value || null });
  }
}
