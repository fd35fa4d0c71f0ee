/** Menus, pickers and text inputs, for action rows and input blocks: a node and its value. */

import { h } from "../dom.js";
import { choiceInputs } from "./choices.js";
import { richTextOf, textOf } from "./state.js";
import { plainText } from "./mrkdwn.js";

const TEXT_INPUT_TYPES = {
  plain_text_input: "text", number_input: "number", email_text_input: "email", url_text_input: "url",
  datepicker: "date", timepicker: "time", datetimepicker: "datetime-local", rich_text_input: "text",
};

/** Return true if there is a field for an element. */
export function isField({ type }) {
  return type in TEXT_INPUT_TYPES || type in CHOICES || type === "checkboxes" || type === "radio_buttons";
}

/**
 * Return a field's node, and a function that returns its value: null, a string, a number, or a list of strings.
 * @param {object} element
 * @param {unknown} value what was chosen or typed; see `stateValue`
 * @param {import("../names.js").Names} names
 * @param {{id?: string, label?: string, required?: boolean}} options
 */
export function field(element, value, names, options) {
  if (element.type in TEXT_INPUT_TYPES) return textField(element, value, options);
  if (element.type in CHOICES) return selectField(element, value, names, options);
  return choiceInputs(element, value, names, options);
}

function textField(element, value, { id, label, required }) {
  const { type, placeholder, min_length: minLength, max_length: maxLength } = element;
  const multiline = element.multiline || type === "rich_text_input";
  const node = h(multiline ? "textarea" : "input", {
    id, name: element.action_id, required, "aria-label": id ? null : label, placeholder: placeholder?.text,
    minlength: minLength, maxlength: maxLength, min: element.min_value, max: element.max_value,
    ...(multiline ? { rows: 4 } : { type: TEXT_INPUT_TYPES[type] }),
    step: element.is_decimal_allowed ? "any" : null,
  });
  if (value !== null) node.value = textOf(type, value);
  return { node, focus: node, value: () => (node.value ? fieldValue(type, node.value) : null) };
}

function fieldValue(type, text) {
  if (type === "datetimepicker") return new Date(text).getTime() / 1000;
  return type === "rich_text_input" ? richTextOf(text) : text;
}

const CHOICES = {
  static_select: (element) => optionNodes(element),
  multi_static_select: (element) => optionNodes(element),
  users_select: (_, names) => personOptions(names),
  multi_users_select: (_, names) => personOptions(names),
  channels_select: (_, names) => channelOptions(names),
  multi_channels_select: (_, names) => channelOptions(names),
  conversations_select: (_, names) => [...channelOptions(names), ...personOptions(names)],
  multi_conversations_select: (_, names) => [...channelOptions(names), ...personOptions(names)],
};

function selectField(element, value, names, { id, label, required }) {
  const multiple = element.type.startsWith("multi_");
  const first = multiple ? [] : [h("option", { value: "" }, element.placeholder?.text ?? "Choose …")];
  const options = CHOICES[element.type](element, names);
  const node = h("select", { id, name: element.action_id, multiple, required, "aria-label": id ? null : label },
    first, options);
  const chosen = multiple ? value : [value ?? ""];
  for (const option of node.options) option.selected = chosen.includes(option.value);
  const values = () => [...node.selectedOptions].map((option) => option.value);
  return { node, focus: node, value: () => (multiple ? values() : values()[0] || null) };
}

function optionNodes({ options, option_groups: grouped }) {
  if (!grouped) return options.map(optionNode);
  return grouped.map((group) => h("optgroup", { label: group.label.text }, group.options.map(optionNode)));
}

function optionNode({ value, text }) {
  return h("option", { value }, plainText(text.text));
}

function personOptions(names) {
  return names.activePeople().map((person) => h("option", { value: person.id }, person.real_name));
}

function channelOptions(names) {
  return names.pageState.places.map((place) => h("option", { value: place.id }, `#${place.name}`));
}
