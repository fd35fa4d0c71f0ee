/** The states of elements in Slack's payloads: what was chosen or typed. */

const SELECTED = [
  "value", "selected_date", "selected_time", "selected_date_time", "selected_user", "selected_users",
  "selected_channel", "selected_channels", "selected_conversation", "selected_conversations", "rich_text_value",
];

/** Return the name of an element in its message or view: `block_id/action_id`. */
export function elementKey(block, element) {
  return `${block.block_id}/${element.action_id}`;
}

/** Return the value in a state: null, a string, a number, rich text, or a list of strings. Options become their values. */
export function stateValue(state) {
  if ("selected_option" in state) return state.selected_option?.value ?? null;
  if ("selected_options" in state) return state.selected_options.map((option) => option.value);
  return state[SELECTED.find((name) => name in state)] ?? null;
}

/** Return the text of an input with this value. */
export function textOf(type, value) {
  if (type === "datetimepicker") return localDateTime(value);
  if (type === "rich_text_input") return value.elements.map(plainTextOf).join("\n");
  return value;
}

/** Return rich text of one section. The page has no editor of rich text. */
export function richTextOf(text) {
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function plainTextOf({ text, elements }) {
  return text ?? (elements ?? []).map(plainTextOf).join("");
}

/** Return the local time as an input shows it: "2026-02-28T09:30". */
function localDateTime(seconds) {
  const time = new Date(seconds * 1000);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
