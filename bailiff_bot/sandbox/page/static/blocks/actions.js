/** Buttons, menus and pickers. Each click is sent to the app, and its result is shown. */

import { h, link } from "../dom.js";
import { confirmed } from "./confirm.js";
import { field, isField } from "./fields.js";
import { overflow } from "./overflow.js";
import { plainText } from "./mrkdwn.js";
import { unknown } from "./unknown.js";

/** Return an interactive element of a block. */
export function actionElement(element, block, context) {
  const press = (node, option) => pressed(node, { element, block, option }, context);
  if (element.type === "button") return button(element, press);
  if (element.type === "overflow") return overflow(element, press);
  if (isField(element)) return picker(element, context, press);
  return unknown("element", element);
}

function button(element, press) {
  const look = {
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    "data-focus": element.action_id,
  };
  if (!element.url) {
    return h("button", { type: "button", ...look, onclick: ({ currentTarget }) => press(currentTarget) },
      plainText(element.text.text));
  }
  // As in Slack, the app also receives the click on a link, and the link opens whatever the app responds.
  const shown = link(element.url, plainText(element.text.text), h("span", { "aria-hidden": "true" }, " ↗"));
  shown.className = look.class;
  shown.addEventListener("click", () => press(shown));
  return shown;
}

/** Return a menu or a picker that sends every change as a click. */
function picker(element, context, press) {
  const made = field(element, context.names, { label: element.placeholder?.text ?? "Choose" });
  made.node.dataset.focus = element.action_id;
  made.node.addEventListener("change", () => {
    const chosen = made.value();
    if (chosen !== null) press(made.node, chosen);
  });
  return made.node;
}

/** Ask for confirmation, send the click, and mark the element as busy meanwhile. */
async function pressed(node, click, context) {
  if (click.element.confirm && !(await confirmed(click.element.confirm, context.names))) return;
  node.setAttribute("aria-busy", "true");
  if ("disabled" in node) node.disabled = true;
  try {
    await context.click(click);
  } finally {
    node.removeAttribute("aria-busy");
    if ("disabled" in node) node.disabled = false;
  }
}
