/** A message as its JSON, to read and to copy. */

import { h, toast } from "../dom.js";

export class MessageJson {
  constructor() {
    this.text = h("pre", { tabindex: "0", role: "region", "aria-label": "The message's JSON" });
    this.hint = h("p", { class: "hint" }, "Press “JSON” on a message to see what it is made of.");
    this.copy = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.copied() }, "Copy");
    this.node = h("div", {}, this.hint, this.copy, this.text);
  }

  show(message) {
    const shown = { ...message, files: message.files?.map(({ content, ...file }) => file) };
    this.text.textContent = JSON.stringify(shown, null, 2);
    this.hint.textContent = `Message ${message.ts} in ${message.channel}`;
    this.copy.hidden = false;
  }

  async copied() {
    await navigator.clipboard.writeText(this.text.textContent);
    toast("Copied.");
  }

  paint() {
    // The chosen message stays.
  }
}
