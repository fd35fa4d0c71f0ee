/** The overflow menu: a button with three dots that opens a list of options. */

import { h, link } from "../dom.js";
import { plainText } from "./mrkdwn.js";

/** Return the menu; `onChoose` gets the busy element and the chosen value. */
export function overflow(element, focusKey, onChoose) {
  const toggle = h("button", {
    type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": "More actions", "data-focus": focusKey,
  }, "⋯");
  const items = element.options.map((option) => menuItem(option, () => {
    close();
    onChoose(toggle, option.value ?? option.text.text);
  }));
  const menu = h("ul", { role: "menu", class: "menu", hidden: true }, items.map((node) => h("li", { role: "none" }, node)));
  const container = h("span", { class: "menu-box" }, toggle, menu);

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
  container.addEventListener("focusout", ({ relatedTarget }) => {
    if (!container.contains(relatedTarget)) {
      menu.hidden = true;
      toggle.setAttribute("aria-expanded", "false");
    }
  });
  return container;
}

function menuItem(option, onClick) {
  const label = [plainText(option.text.text), option.description && h("small", {}, plainText(option.description.text))];
  const node = option.url ? link(option.url, ...label.flat()) : h("button", { type: "button" }, label);
  node.setAttribute("role", "menuitem");
  node.addEventListener("click", onClick);
  return node;
}
