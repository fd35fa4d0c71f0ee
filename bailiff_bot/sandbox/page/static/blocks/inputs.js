/** A modal's input blocks. They register with the form, which reads their values and passes errors to them. */

import { h } from "../dom.js";
import { field, isField } from "./fields.js";
import { plainText } from "./mrkdwn.js";
import { unknown } from "./unknown.js";

/** The inputs of a modal. */
export class Form {
  constructor() {
    this.inputs = [];
  }

  /** Return the values by action id, without empty ones. */
  values() {
    const entries = this.inputs.map(({ action, value }) => [action, value()]);
    return Object.fromEntries(entries.filter(([, value]) => value !== null));
  }

  /** Show the app's errors, by block id. */
  showErrors(errors) {
    for (const { block, problem, node } of this.inputs) {
      problem.textContent = errors[block] ?? "";
      node.toggleAttribute("aria-invalid", block in errors);
    }
    this.inputs.find(({ block }) => block in errors)?.node.focus();
  }
}

/** Return an input block. */
export function inputBlock(block, { names, form }) {
  const { element, label, hint, optional } = block;
  if (!isField(element) || !form) return unknown("input", element);
  const id = `input-${form.inputs.length}`;
  const control = field(element, names, { id, label: label.text, required: !optional });
  const problem = h("p", { id: `${id}-problem`, class: "problem", role: "alert" });
  control.node.setAttribute("aria-describedby", `${id}-hint ${id}-problem`);
  form.inputs.push({
    block: block.block_id ?? "", action: element.action_id ?? "", value: control.value, node: control.node, problem,
  });
  return h("div", { class: "input" },
    h("label", { for: id }, plainText(label.text), optional && h("span", { class: "optional" }, " (optional)")),
    control.node,
    h("p", { id: `${id}-hint`, class: "hint" }, hint && plainText(hint.text)),
    problem);
}
