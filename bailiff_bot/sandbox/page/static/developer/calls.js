/** The log of Web API calls and failures; each refresh loads only the new entries. */

import { h } from "../dom.js";
import { timeOfDay, toDate } from "../dates.js";
import { callHandler } from "../sandbox.js";

export class Calls {
  constructor() {
    this.calls = [];
    this.failures = [];
    this.filter = h("input", {
      type: "search", placeholder: "Filter by method, error or argument", "aria-label": "Filter the calls",
      oninput: () => this.applyFilter(),
    });
    this.count = h("p", { class: "hint", role: "status" });
    this.list = h("ol", { class: "calls", reversed: true });
    this.failureList = h("ul", { class: "failures" });
    this.node = h("div", {}, this.filter, this.count, this.list,
      h("h3", {}, "What went wrong"), this.failureList);
  }

  async render() {
    // A second refresh during a running one would add the same calls twice.
    this.loading ??= this.load().finally(() => (this.loading = null));
    await this.loading;
  }

  async load() {
    const { calls, failures } = await callHandler("calls_after", { calls: this.calls.length, failures: this.failures.length });
    for (const call of calls) this.addCall(call);
    for (const failure of failures) this.addFailure(failure);
    if (calls.length) this.applyFilter();
    this.failureList.hidden = !this.failures.length;
  }

  addCall(call) {
    const node = callNode(call);
    this.calls.push({ node, searchText: JSON.stringify(call).toLowerCase() });
    this.list.prepend(node);
  }

  addFailure({ kind, what, at }) {
    this.failures.push(kind);
    this.failureList.prepend(h("li", {}, h("code", {}, kind), ` ${what} `, h("time", {}, timeOfDay(toDate(at)))));
  }

  applyFilter() {
    const query = this.filter.value.toLowerCase();
    for (const { node, searchText } of this.calls) node.hidden = !searchText.includes(query);
    const shown = this.calls.filter(({ node }) => !node.hidden).length;
    this.count.textContent = `${shown} of ${this.calls.length} calls, the latest first`;
  }
}

function callNode(call) {
  const failed = call.answer.ok === false || call.status !== 200;
  const result = call.status === 0 ? "dropped" : call.answer.error ?? String(call.status);
  return h("li", {}, h("details", {},
    h("summary", {}, h("code", {}, call.method),
      h("span", { class: failed ? "status bad" : "status" }, result),
      h("span", { class: "took" }, `${Math.round(call.seconds * 1000)} ms`)),
    h("h4", {}, `Arguments, ${timeOfDay(toDate(call.at))}`), h("pre", {}, JSON.stringify(call.arguments, null, 2)),
    h("h4", {}, `Answer, HTTP ${call.status}`), h("pre", {}, JSON.stringify(call.answer, null, 2))));
}
