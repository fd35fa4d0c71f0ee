/** What this page does not know is shown, not left out: a developer has to see that something is there. */

import { h } from "../dom.js";

/** Return a warning in the place of something. */
export function unknown(what, thing) {
  return h("div", { class: "warning", role: "note" },
    h("strong", {}, `⚠ Unknown ${what}: “${thing?.type ?? "no type"}”`),
    h("details", {}, h("summary", {}, "Its JSON"), h("pre", {}, JSON.stringify(thing, null, 2))));
}
