/** The overflow menu: a button with three dots that opens a list of options. */

import { h, link } from "../dom.js";
import { plainText } from "./mrkdwn.js";

/** Return the menu; `press` gets the busy element and the chosen value. */
export function overflow(element, press) {
  const toggle = h("button", {
    type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": "More actions", "data-focus": element.action_id,
  }, "⋯");
  const items = element.options.map((option) => item(option, () => {
    close();
    press(toggle, option.value);
  }));
  const menu = h("ul", { role: "menu", class: "menu", hidden: true }, items.map((one) => h("li", { role: "none" }, one)));
  const box = h("span", { class: "menu-box" }, toggle, menu);

  const open = () => {
    menu.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
    items[0].focus();
  };
  const close = () => {
    menu.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    toggle.focus();
  };
  toggle.addEventListener("click", () => (menu.hidden ? open() : close()));
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  });
  box.addEventListener("focusout", ({ relatedTarget }) => {
    if (!box.contains(relatedTarget)) {
      menu.hidden = true;
      toggle.setAttribute("aria-expanded", "false");
    }
  });
  return box;
}

function item(option, choose) {
  const words = [plainText(option.text.text), option.description && h("small", {}, plainText(option.description.text))];
  const shown = option.url ? link(option.url, ...words.flat()) : h("button", { type: "button" }, words);
  shown.setAttribute("role", "menuitem");
  shown.addEventListener("click", choose);
  return shown;
}
