/** The fleet: start, stop, rename and delete every instance. */

import { announce, h } from "../dom.js";
import { keyed } from "../keyed.js";
import { act } from "../sandbox.js";

export class Fleet {
  constructor(store) {
    this.store = store;
    this.filter = h("input", {
      type: "search", placeholder: "Filter by name, id or region", "aria-label": "Filter the instances",
      oninput: () => this.draw(),
    });
    this.list = h("ul", { class: "fleet" });
    this.summary = h("summary", {}, "Instances");
    this.details = h("details", { ontoggle: () => this.paint() }, this.summary, this.filter, this.list);
    this.node = h("section", {}, h("h3", {}, "Fleet"), this.details);
    this.fleet = [];
  }

  async paint() {
    if (!this.details.open) return;
    this.fleet = await act("fleet");
    this.summary.textContent = `${this.fleet.length} instances`;
    this.draw();
  }

  draw() {
    const wanted = this.filter.value.toLowerCase();
    // Whole days, so that the list does not change at every refresh and can be clicked.
    const rows = this.fleet.map((row) => ({ ...row, days: Math.floor(row.days) }))
      .filter((row) => `${row.name} ${row.id} ${row.region} ${row.account}`.toLowerCase().includes(wanted));
    keyed(this.list, rows, { key: ({ id }) => id, draw: (row) => this.row(row) });
  }

  row({ id, name, state, account, region, days }) {
    const called = name?.trim() || id;
    const rename = h("form", { class: "rename", hidden: true, onsubmit: (event) => this.rename(event, id) },
      h("input", { name: "name", value: name ?? "", "aria-label": `New name of ${called}` }),
      h("button", { class: "button" }, "Rename"));
    return h("li", {},
      h("strong", {}, name ?? "(no name)"),
      h("p", { class: "hint" }, h("code", {}, id), ` ${state}, started ${days} days ago in ${account}/${region}`),
      h("div", { class: "actions" },
        state === "stopped" && this.button("start", "Start", id, called),
        state === "running" && this.button("stop", "Stop", id, called),
        h("button", {
          type: "button", class: "button", "data-focus": "rename", "aria-label": `Rename ${called}`,
          onclick: () => this.ask(rename),
        }, "Rename …"),
        this.button("delete", "Delete", id, called)),
      rename);
  }

  button(name, label, handle, called) {
    return h("button", {
      type: "button", class: name === "delete" ? "button danger" : "button", "data-focus": name, "aria-label": `${label} ${called}`,
      onclick: async () => {
        await this.store.attempt(name, { handle });
        announce(`${label}: done.`);
      },
    }, label);
  }

  ask(form) {
    form.hidden = !form.hidden;
    if (!form.hidden) form.elements.name.focus();
  }

  /** An empty name removes the Name tag. */
  async rename(event, handle) {
    event.preventDefault();
    await this.store.attempt("rename", { handle, name: event.target.elements.name.value || null });
  }
}
