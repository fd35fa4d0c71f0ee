/** Controls for the clock and the digest. */

import { announce, h } from "../dom.js";
import { fullDateTime } from "../dates.js";

export class Time {
  constructor(store) {
    this.store = store;
    this.now = h("time");
    this.output = h("pre", { role: "status", hidden: true });
    this.laterButton = button("One day later", () => this.advanceDay());
    this.digestButton = button("Send the digest now", () => this.sendDigest());
    this.node = h("section", {},
      h("h3", {}, "Days"),
      h("p", { class: "hint" }, "It is ", this.now, "."),
      h("div", { class: "actions" }, this.laterButton, this.digestButton),
      this.output,
      h("p", { class: "hint" }, "The digest looks at everything first. ",
        "/bailiff report answers from the latest look and renews it behind the answer: ask twice to see a change."));
  }

  render({ pageState }) {
    this.now.textContent = fullDateTime(new Date(pageState.now * 1000));
  }

  async advanceDay() {
    await this.whileBusy(this.laterButton, () => this.store.attempt("day_later"));
    announce("It is one day later.");
  }

  async sendDigest() {
    this.showOutput("Bailiff reads every region …");
    const result = await this.whileBusy(this.digestButton, () => this.store.attempt("digest"));
    this.showOutput(result ? `${result.said}\n(exit code ${result.exit_code})` : "That did not work.");
  }

  showOutput(text) {
    this.output.hidden = false;
    this.output.textContent = text;
  }

  async whileBusy(node, operation) {
    node.setAttribute("aria-busy", "true");
    node.disabled = true;
    try {
      return await operation();
    } finally {
      node.disabled = false;
      node.removeAttribute("aria-busy");
    }
  }
}

function button(label, onClick) {
  return h("button", { type: "button", class: "button", onclick: onClick }, label);
}
