/** The regions that Bailiff may read, and those that it may not. */

import { h } from "../dom.js";
import { renderKeyedList } from "../keyed.js";
import { callHandler } from "../sandbox.js";

export class Regions {
  constructor(store) {
    this.store = store;
    this.list = h("ul", { class: "regions" });
    this.summary = h("summary", {}, "Regions");
    this.details = h("details", { ontoggle: () => this.render() }, this.summary, this.list);
    this.node = h("section", {}, h("h3", {}, "Regions"),
      h("p", { class: "hint" }, "An unticked region answers “access denied”, and the coverage says so."), this.details);
  }

  async render() {
    if (!this.details.open) return;
    const regions = await callHandler("regions");
    this.summary.textContent = `${regions.filter(({ readable }) => readable).length} of ${regions.length} readable`;
    renderKeyedList(this.list, regions, { key: ({ account, region }) => `${account}/${region}`, draw: (row) => this.row(row) });
  }

  row({ account, region, readable }) {
    const checkbox = h("input", { type: "checkbox", "data-focus": "box", onchange: () => this.setReadable(account, region, checkbox.checked) });
    checkbox.checked = readable;
    return h("li", {}, h("label", { class: "choice" }, checkbox, `${account}/${region}`));
  }

  setReadable(account, region, readable) {
    return this.store.attempt(readable ? "open_region" : "close_region", { account, region });
  }
}
