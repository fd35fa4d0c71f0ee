/** Faults for the next calls of the app. */

import { h } from "../dom.js";
import { renderKeyedList } from "../keyed.js";

const KINDS = [
  ["rate_limited", "429, try again later"],
  ["drop_after", "done, but the answer is lost"],
  ["drop_before", "lost before it was done"],
  ["held", "done, and the answer comes late"],
  ["slow", "slow"],
  ["server_error", "500"],
  ["refuse", "an error of Slack's (internal_error)"],
  ["late", "what is posted appears late"],
  ["html", "a page of HTML instead of JSON"],
];
const METHODS = [
  "*", "chat.postMessage", "chat.update", "conversations.history", "conversations.info", "conversations.list",
  "conversations.open", "conversations.replies", "files.completeUploadExternal", "files.getUploadURLExternal",
  "response_url", "upload", "users.info", "users.list", "users.lookupByEmail", "views.open", "views.publish",
  "views.push", "views.update",
];

export class Faults {
  constructor(store) {
    this.store = store;
    this.kind = selectField("What happens", KINDS);
    this.method = selectField("To which calls", METHODS.map((name) => [name, name === "*" ? "any" : name]));
    this.times = numberField("How often", 1, 1);
    this.seconds = numberField("Seconds", 2, 0);
    this.pending = h("ul", { class: "waiting" });
    const fields = [this.kind, this.method, this.times, this.seconds].map(({ label }) => label);
    this.node = h("section", {}, h("h3", {}, "Faults of Slack"),
      h("form", { class: "grid", onsubmit: (event) => this.add(event) }, fields,
        h("div", { class: "actions" }, h("button", { class: "button" }, "Let it happen"),
          h("button", { type: "button", class: "button", onclick: () => store.attempt("heal") }, "Mend everything"))),
      this.pending);
  }

  render({ pageState }) {
    const items = pageState.faults.length ? pageState.faults.map((fault, index) => ({ ...fault, index })) : [{ index: -1 }];
    renderKeyedList(this.pending, items, { key: ({ index }) => String(index), draw: faultItem });
  }

  add(event) {
    event.preventDefault();
    return this.store.attempt("fault", {
      fault: {
        kind: this.kind.control.value, method: this.method.control.value, channel: null, user: null,
        times: Number(this.times.control.value), seconds: Number(this.seconds.control.value),
        status: 500, error: "internal_error",
      },
    });
  }
}

function faultItem({ index, kind, method, times }) {
  if (index < 0) return h("li", {}, "Nothing is wrong.");
  return h("li", {}, h("code", {}, kind), ` waits for ${times ?? "all"} x `, h("code", {}, method === "*" ? "any call" : method));
}

function selectField(labelText, options) {
  const control = h("select", {}, options.map(([value, text]) => h("option", { value }, text)));
  return { control, label: h("label", {}, labelText, control) };
}

function numberField(labelText, value, min) {
  const control = h("input", { type: "number", value, min, required: true });
  return { control, label: h("label", {}, labelText, control) };
}
