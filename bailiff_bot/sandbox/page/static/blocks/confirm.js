/** Confirmation dialogs. */

import { byId, h } from "../dom.js";
import { plainText, textObject } from "./mrkdwn.js";

/**
 * Show the confirmation dialog of an element. Resolves to true if the person agrees; Escape means no.
 * @param {object} confirm title, text, confirm, deny, style
 */
export function askConfirmation(confirm, names) {
  const dialog = byId("confirm");
  const style = confirm.style === "danger" ? "danger" : "primary";
  const previousFocus = document.activeElement;
  return new Promise((resolve) => {
    dialog.replaceChildren(
      h("form", { method: "dialog" },
        h("h2", { id: "confirm-name" }, plainText(confirm.title.text)),
        h("div", { class: "mrkdwn" }, textObject(confirm.text, names)),
        h("div", { class: "dialog-buttons" },
          h("button", { class: "button", value: "no" }, plainText(confirm.deny.text)),
          h("button", { class: `button ${style}`, value: "yes" }, plainText(confirm.confirm.text)))));
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      previousFocus?.focus();
      resolve(dialog.returnValue === "yes");
    }, { once: true });
    dialog.showModal();
  });
}
