/** Controls for the clock and the digest. */

import { announce, h } from "../dom.js";
import { fullTime } from "../dates.js";

export class Time {
  constructor(store) {
    this.store = store;
    this.now = h("time");
    this.said = h("pre", { role: "status", hidden: true });
    this.later = button("One day later", () => this.letPass());
    this.digest = button("Send the digest now", () => this.send());
    this.node = h("section", {},
      h("h3", {}, "Days"),
      h("p", { class: "hint" }, "It is ", this.now, "."),
      h("div", { class: "actions" }, this.later, this.digest),
      this.said,
      h("p", { class: "hint" }, "The digest looks at everything first. ",
        "/bailiff report answers from the latest look and renews it behind the answer: ask twice to see a change."));
  }

  paint({ around }) {
    this.now.textContent = fullTime(new Date(around.now * 1000));
  }

  async letPass() {
    await this.busy(this.later, () => this.store.attempt("day_later"));
    announce("It is one day later.");
  }

  async send() {
    this.tell("Bailiff reads every region …");
    const done = await this.busy(this.digest, () => this.store.attempt("digest"));
    this.tell(done ? `${done.said}\n(exit code ${done.exit_code})` : "That did not work.");
  }

  tell(text) {
    this.said.hidden = false;
    this.said.textContent = text;
  }

  async busy(node, work) {
    node.setAttribute("aria-busy", "true");
    node.disabled = true;
    try {
      return await work();
    } finally {
      node.disabled = false;
      node.removeAttribute("aria-busy");
    }
  }
}

function button(label, press) {
  return h("button", { type: "button", class: "button", onclick: press }, label);
}
