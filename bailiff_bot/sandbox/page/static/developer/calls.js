/** The log of Web API calls and failures; each refresh loads only the new entries. */

import { h } from "../dom.js";
import { clock, moment } from "../dates.js";
import { act } from "../sandbox.js";

export class Calls {
  constructor() {
    this.calls = [];
    this.failures = [];
    this.filter = h("input", {
      type: "search", placeholder: "Filter by method, error or argument", "aria-label": "Filter the calls",
      oninput: () => this.select(),
    });
    this.count = h("p", { class: "hint", role: "status" });
    this.list = h("ol", { class: "calls", reversed: true });
    this.wrong = h("ul", { class: "failures" });
    this.node = h("div", {}, this.filter, this.count, this.list,
      h("h3", {}, "What went wrong"), this.wrong);
  }

  async paint() {
    // A second refresh during a running one would add the same calls twice.
    this.asking ??= this.ask().finally(() => (this.asking = null));
    await this.asking;
  }

  async ask() {
    const { calls, failures } = await act("calls_after", { calls: this.calls.length, failures: this.failures.length });
    for (const call of calls) this.add(call);
    for (const failure of failures) this.fail(failure);
    if (calls.length) this.select();
    this.wrong.hidden = !this.failures.length;
  }

  add(call) {
    const node = callNode(call);
    this.calls.push({ node, words: JSON.stringify(call).toLowerCase() });
    this.list.prepend(node);
  }

  fail({ kind, what, at }) {
    this.failures.push(kind);
    this.wrong.prepend(h("li", {}, h("code", {}, kind), ` ${what} `, h("time", {}, clock(moment(at)))));
  }

  select() {
    const wanted = this.filter.value.toLowerCase();
    for (const { node, words } of this.calls) node.hidden = !words.includes(wanted);
    const shown = this.calls.filter(({ node }) => !node.hidden).length;
    this.count.textContent = `${shown} of ${this.calls.length} calls, the latest first`;
  }
}

function callNode(call) {
  const refused = call.answer.ok === false || call.status !== 200;
  const outcome = call.status === 0 ? "dropped" : call.answer.error ?? String(call.status);
  return h("li", {}, h("details", {},
    h("summary", {}, h("code", {}, call.method),
      h("span", { class: refused ? "status bad" : "status" }, outcome),
      h("span", { class: "took" }, `${Math.round(call.seconds * 1000)} ms`)),
    h("h4", {}, `Arguments, ${clock(moment(call.at))}`), h("pre", {}, JSON.stringify(call.arguments, null, 2)),
    h("h4", {}, `Answer, HTTP ${call.status}`), h("pre", {}, JSON.stringify(call.answer, null, 2))));
}
