/** Menus, pickers and text inputs, for action rows and modals: a node and its value. */

import { h } from "../dom.js";
import { plainText, textObject } from "./mrkdwn.js";

const TEXT_INPUT_TYPES = {
  plain_text_input: "text", number_input: "number", email_text_input: "email", url_text_input: "url",
  datepicker: "date", timepicker: "time", datetimepicker: "datetime-local",
};
const INITIAL_VALUE_KEYS = { datepicker: "initial_date", timepicker: "initial_time" };

/** Return true if there is a field for an element. */
export function isField({ type }) {
  return type in TEXT_INPUT_TYPES || type in CHOICES || type === "checkboxes" || type === "radio_buttons";
}

/**
 * Return a field's node, and a function that returns its value: null, a string, or a list of strings.
 * @param {object} element
 * @param {import("../names.js").Names} names
 * @param {{id?: string, label?: string, required?: boolean}} options
 */
export function field(element, names, options) {
  if (element.type in TEXT_INPUT_TYPES) return textField(element, options);
  if (element.type in CHOICES) return selectField(element, names, options);
  return choiceInputs(element, names, options);
}

function textField(element, { id, label, required }) {
  const { type, multiline, placeholder, min_length: minLength, max_length: maxLength } = element;
  const node = h(multiline ? "textarea" : "input", {
    id, name: element.action_id, required, "aria-label": id ? null : label, placeholder: placeholder?.text,
    minlength: minLength, maxlength: maxLength, min: element.min_value, max: element.max_value,
    ...(multiline ? { rows: 4 } : { type: TEXT_INPUT_TYPES[type] }),
    step: element.is_decimal_allowed ? "any" : null,
  });
  node.value = element[INITIAL_VALUE_KEYS[type] ?? "initial_value"] ?? "";
  return { node, value: () => node.value || null };
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

function selectField(element, names, { id, label, required }) {
  const multiple = element.type.startsWith("multi_");
  const first = multiple ? [] : [h("option", { value: "" }, element.placeholder?.text ?? "Choose …")];
  const options = CHOICES[element.type](element, names);
  const node = h("select", { id, name: element.action_id, multiple, required, "aria-label": id ? null : label },
    first, options);
  const chosen = initialValues(element);
  for (const option of node.options) option.selected = chosen.includes(option.value);
  if (!multiple && !chosen.length) node.value = "";
  const values = () => [...node.selectedOptions].map((option) => option.value);
  return { node, value: () => (multiple ? values() : values()[0] || null) };
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

function initialValues(element) {
  const single = element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation;
  const several = element.initial_options?.map((option) => option.value) ?? element.initial_users
    ?? element.initial_channels ?? element.initial_conversations;
  return several ?? (single ? [single] : []);
}

/** Return checkboxes, or radio buttons. */
function choiceInputs(element, names, { label, required }) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = initialValues(element);
  const group = `boxes-${crypto.randomUUID()}`;
  const inputs = element.options.map(({ value }) => {
    const input = h("input", { type, value, name: group, required: required && type === "radio" });
    input.checked = chosen.includes(value);
    return input;
  });
  const node = h("fieldset", {}, h("legend", { class: "visually-hidden" }, label),
    element.options.map((option, index) => h("label", { class: "choice" }, inputs[index],
      h("span", {}, textObject(option.text, names),
        option.description && h("small", {}, textObject(option.description, names))))));
  const values = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return { node, value: () => (type === "checkbox" ? values() : values()[0] ?? null) };
}
