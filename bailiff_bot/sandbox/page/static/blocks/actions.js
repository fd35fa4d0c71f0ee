/** Buttons, menus and pickers. Each click is sent to the app, and its result is shown. */

import { h, link } from "../dom.js";
import { askConfirmation } from "./confirm.js";
import { field, isField } from "./fields.js";
import { overflow } from "./overflow.js";
import { plainText } from "./mrkdwn.js";
import { elementKey } from "./state.js";
import { unknown } from "./unknown.js";

/** A link into Slack's own clients, to the Home tab of an app. */
const HOME_LINK = /^slack:\/\/app\?.*\btab=home\b/;

/** Return an interactive element of a block. */
export function actionElement(element, block, context) {
  const onClick = (node, option) => sendClick(node, { element, block, option }, context);
  const focusKey = elementKey(block, element);
  if (element.type === "button") return button(element, focusKey, onClick, context);
  if (element.type === "overflow") return overflow(element, focusKey, onClick);
  if (isField(element)) return picker(element, focusKey, context.value(block, element), context, onClick);
  return unknown("element", element);
}

function button(element, focusKey, onClick, { openHome }) {
  const attributes = {
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    "data-focus": focusKey,
  };
  if (!element.url) {
    return h("button", { type: "button", ...attributes, onclick: ({ currentTarget }) => onClick(currentTarget) },
      plainText(element.text.text));
  }
  // As in Slack, the app also receives the click on a link, and the link opens whatever the app responds.
  const opensHome = HOME_LINK.test(element.url);
  const label = [plainText(element.text.text), !opensHome && h("span", { "aria-hidden": "true" }, "\u00a0↗")];
  const anchor = opensHome ? h("a", { href: "#" }, label) : link(element.url, label);
  for (const [name, value] of Object.entries(attributes)) if (value) anchor.setAttribute(name, value);
  anchor.addEventListener("click", (event) => {
    onClick(anchor);
    if (!opensHome) return;
    event.preventDefault();
    openHome();
  });
  return anchor;
}

/** Return a menu or a picker that sends every change as a click; without consent it shows the old value again. */
function picker(element, focusKey, value, context, onClick) {
  const control = field(element, value, context.names, { label: element.placeholder?.text ?? "Choose" });
  const container = h("span", { class: "picker" }, control.node);
  control.focus.dataset.focus = focusKey;
  control.node.addEventListener("change", async () => {
    const chosen = control.value();
    const isSent = chosen !== null && (await onClick(control.node, chosen));
    if (!isSent) container.replaceWith(picker(element, focusKey, value, context, onClick));
  });
  return container;
}

/** Ask for confirmation, send the click, and mark the element as busy meanwhile. Resolves to false without consent. */
async function sendClick(node, click, context) {
  if (click.element.confirm && !(await askConfirmation(click.element.confirm, context.names))) return false;
  node.setAttribute("aria-busy", "true");
  if ("disabled" in node) node.disabled = true;
  try {
    await context.click(click);
  } finally {
    node.removeAttribute("aria-busy");
    if ("disabled" in node) node.disabled = false;
  }
  return true;
}
