/** The regions that Bailiff may read, and those that it may not. */

import { h } from "../dom.js";
import { keyed } from "../keyed.js";
import { act } from "../sandbox.js";

export class Regions {
  constructor(store) {
    this.store = store;
    this.list = h("ul", { class: "regions" });
    this.summary = h("summary", {}, "Regions");
    this.details = h("details", { ontoggle: () => this.paint() }, this.summary, this.list);
    this.node = h("section", {}, h("h3", {}, "Regions"),
      h("p", { class: "hint" }, "An unticked region answers “access denied”, and the coverage says so."), this.details);
  }

  async paint() {
    if (!this.details.open) return;
    const regions = await act("regions");
    this.summary.textContent = `${regions.filter(({ readable }) => readable).length} of ${regions.length} readable`;
    keyed(this.list, regions, { key: ({ account, region }) => `${account}/${region}`, draw: (row) => this.row(row) });
  }

  row({ account, region, readable }) {
    const box = h("input", { type: "checkbox", "data-focus": "box", onchange: () => this.turn(account, region, box.checked) });
    box.checked = readable;
    return h("li", {}, h("label", { class: "choice" }, box, `${account}/${region}`));
  }

  turn(account, region, readable) {
    return this.store.attempt(readable ? "open_region" : "close_region", { account, region });
  }
}
