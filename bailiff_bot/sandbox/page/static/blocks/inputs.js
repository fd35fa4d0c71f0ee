/** Input blocks. They register with the form, which reads their values and passes errors to them. */

import { h } from "../dom.js";
import { field, isField } from "./fields.js";
import { plainText } from "./mrkdwn.js";
import { elementKey } from "./state.js";
import { unknown } from "./unknown.js";

const ENTER = "on_enter_pressed";
const TEXT_INPUTS = ["plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input"];
let inputCount = 0;

/** The inputs of a modal or of the Home tab. */
export class Form {
  constructor() {
    this.inputs = [];
  }

  /** Return the values by `block_id/action_id`; an empty one is null. */
  values() {
    return Object.fromEntries(this.inputs.map(({ key, value }) => [key, value()]));
  }

  /** Show the app's errors, by block id, and go to the first field with one. */
  showErrors(errors) {
    for (const { block, problem, focus } of this.inputs) {
      problem.textContent = errors[block] ?? "";
      if (block in errors) focus.setAttribute("aria-invalid", "true");
      else focus.removeAttribute("aria-invalid");
    }
    this.inputs.find(({ block }) => block in errors)?.focus.focus();
  }
}

/** Return an input block. */
export function inputBlock(block, context) {
  const { element, label, hint, optional } = block;
  const { form, names } = context;
  if (!isField(element) || !form) return unknown("input", element);
  const id = `input-${++inputCount}`;
  const control = field(element, context.value(block, element), names, { id, label: label.text, required: !optional });
  control.focus.dataset.focus = elementKey(block, element);
  const problem = h("p", { id: `${id}-problem`, class: "problem", role: "alert" });
  control.focus.setAttribute("aria-describedby", `${id}-hint ${id}-problem`);
  form.inputs.push({ key: elementKey(block, element), block: block.block_id, type: element.type, problem, ...control });
  if (block.dispatch_action) dispatchChanges(block, control, context);
  return h("div", { class: "input" },
    h("label", { for: id }, plainText(label.text), optional && h("span", { class: "optional" }, " (optional)")),
    control.node,
    h("p", { id: `${id}-hint`, class: "hint" }, hint && plainText(hint.text)),
    problem);
}

/** Send changes to the app: of a text when Enter is pressed or after each character, of anything else at once. */
function dispatchChanges(block, { node, value }, { click }) {
  const { element } = block;
  const send = () => click({ block, element, option: value() ?? "" });
  if (!TEXT_INPUTS.includes(element.type)) return node.addEventListener("change", send);
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? [ENTER];
  if (triggers.includes("on_character_entered")) node.addEventListener("input", send);
  if (triggers.includes(ENTER)) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
      event.preventDefault();
      send();
    });
  }
}
