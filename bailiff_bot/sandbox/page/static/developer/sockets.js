/** The app's WebSockets, and faults for them. */

import { h } from "../dom.js";
import { renderKeyedList } from "../keyed.js";
import { callHandler } from "../sandbox.js";

const CONNECTION_FAULTS = [
  ["disconnect", "Disconnect frame", "Slack asks for another connection, as it does every few hours"],
  ["reset", "TCP reset", "the connection ends without a word"],
  ["end", "End", "TCP ends in order, without a close frame"],
  ["freeze", "Freeze", "it stays open, and nothing passes any more"],
];

export class Sockets {
  constructor(store) {
    this.list = h("ul", { class: "sockets" });
    this.node = h("div", {},
      h("h3", {}, "Connections"), this.list,
      h("h3", {}, "To all of them"),
      h("dl", { class: "happenings" }, CONNECTION_FAULTS.map(([action, label, description]) => [
        h("dt", {}, h("button", {
          type: "button", class: "button",
          onclick: () => store.attempt("sockets", { action, number: null, reason: "refresh_requested" }),
        }, label)),
        h("dd", {}, description),
      ])));
  }

  async render() {
    const connections = await callHandler("connections");
    const items = connections.length ? connections : [{ number: 0 }];
    renderKeyedList(this.list, items, { key: ({ number }) => String(number), draw: connectionItem });
  }
}

function connectionItem({ number, health, delivered }) {
  if (!number) return h("li", {}, "No connection: the app hears nothing.");
  return h("li", {}, h("strong", {}, `Connection ${number}`), h("span", { class: `status ${health === "live" ? "" : "bad"}` }, health),
    ` ${delivered} envelopes delivered`);
}
