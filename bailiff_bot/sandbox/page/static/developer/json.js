/** A message as its JSON, to read and to copy. */

import { h, toast } from "../dom.js";

export class MessageJson {
  constructor() {
    this.text = h("pre", { tabindex: "0", role: "region", "aria-label": "The message's JSON" });
    this.hint = h("p", { class: "hint" }, "Press “JSON” on a message to see what it is made of.");
    this.copyButton = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.copyText() }, "Copy");
    this.node = h("div", {}, this.hint, this.copyButton, this.text);
  }

  show(message) {
    const withoutContents = { ...message, files: message.files?.map(({ content, ...file }) => file) };
    this.text.textContent = JSON.stringify(withoutContents, null, 2);
    this.hint.textContent = `Message ${message.ts} in ${message.channel}`;
    this.copyButton.hidden = false;
  }

  async copyText() {
    await navigator.clipboard.writeText(this.text.textContent);
    toast("Copied.");
  }

  render() {
    // The chosen message stays.
  }
}
