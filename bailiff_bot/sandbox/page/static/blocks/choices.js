/** Checkboxes and radio buttons. */

import { h } from "../dom.js";
import { textObject } from "./mrkdwn.js";

/** Return the node and the value of checkboxes, or of radio buttons; see `field`. */
export function choiceInputs(element, value, names, { id, label, required }) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = type === "checkbox" ? value : [value];
  const group = `choices-${crypto.randomUUID()}`;
  const inputs = element.options.map((option) => {
    const input = h("input", { type, value: option.value, name: group, required: required && type === "radio" });
    input.checked = chosen.includes(option.value);
    return input;
  });
  const node = h("fieldset", { id }, h("legend", { class: "visually-hidden" }, label),
    element.options.map((option, index) => h("label", { class: "choice" }, inputs[index],
      h("span", {}, textObject(option.text, names),
        option.description && h("small", {}, textObject(option.description, names))))));
  const values = () => inputs.filter((input) => input.checked).map((input) => input.value);
  if (type === "checkbox" && required) requireOne(node, inputs, values);
  return { node, focus: inputs[0], value: () => (type === "checkbox" ? values() : values()[0] ?? null) };
}

/** HTML has no required group of checkboxes: the first one is required while none is checked. */
function requireOne(node, inputs, values) {
  const update = () => {
    inputs[0].required = !values().length;
  };
  node.addEventListener("change", update);
  update();
}
