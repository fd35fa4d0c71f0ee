/** Blocks and elements that this page does not know: it shows a warning, so that a developer notices them. */

import { h } from "../dom.js";

/** Return the warning. */
export function unknown(what, thing) {
  return h("div", { class: "warning", role: "note" },
    h("strong", {}, `⚠ Unknown ${what}: “${thing?.type ?? "no type"}”`),
    h("details", {}, h("summary", {}, "Its JSON"), h("pre", {}, JSON.stringify(thing, null, 2))));
}
