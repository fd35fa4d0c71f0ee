/** Buttons, menus and pickers. Each click is sent to the app, and its result is shown. */

import { h, link } from "../dom.js";
import { askConfirmation } from "./confirm.js";
import { field, isField } from "./fields.js";
import { overflow } from "./overflow.js";
import { plainText } from "./mrkdwn.js";
import { unknown } from "./unknown.js";

/** Return an interactive element of a block. */
export function actionElement(element, block, context) {
  const onClick = (node, option) => sendClick(node, { element, block, option }, context);
  if (element.type === "button") return button(element, onClick);
  if (element.type === "overflow") return overflow(element, onClick);
  if (isField(element)) return picker(element, context, onClick);
  return unknown("element", element);
}

function button(element, onClick) {
  const attributes = {
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    "data-focus": element.action_id,
  };
  if (!element.url) {
    return h("button", { type: "button", ...attributes, onclick: ({ currentTarget }) => onClick(currentTarget) },
      plainText(element.text.text));
  }
  // As in Slack, the app also receives the click on a link, and the link opens whatever the app responds.
  const anchor = link(element.url, plainText(element.text.text), h("span", { "aria-hidden": "true" }, " ↗"));
  anchor.className = attributes.class;
  anchor.addEventListener("click", () => onClick(anchor));
  return anchor;
}

/** Return a menu or a picker that sends every change as a click. */
function picker(element, context, onClick) {
  const control = field(element, context.names, { label: element.placeholder?.text ?? "Choose" });
  control.node.dataset.focus = element.action_id;
  control.node.addEventListener("change", () => {
    const value = control.value();
    if (value !== null) onClick(control.node, value);
  });
  return control.node;
}

/** Ask for confirmation, send the click, and mark the element as busy meanwhile. */
async function sendClick(node, click, context) {
  if (click.element.confirm && !(await askConfirmation(click.element.confirm, context.names))) return;
  node.setAttribute("aria-busy", "true");
  if ("disabled" in node) node.disabled = true;
  try {
    await context.click(click);
  } finally {
    node.removeAttribute("aria-busy");
    if ("disabled" in node) node.disabled = false;
  }
}
