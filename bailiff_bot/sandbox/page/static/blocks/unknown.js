/** Blocks and elements that this page does not know: it shows a warning, so that a developer notices them. */

import { h } from "../dom.js";

/** Return the warning. */
export function unknown(kind, value) {
  return h("div", { class: "warning", role: "note" },
    h("strong", {}, `⚠ Unknown ${kind}: “${value?.type ?? "no type"}”`),
    h("details", {}, h("summary", {}, "Its JSON"), h("pre", {}, JSON.stringify(value, null, 2))));
}
