/** The panels that open and close, also with Escape. In a narrow window they cover the conversation. */

import { byId } from "./dom.js";

const NARROW_WINDOW = matchMedia("(max-width: 760px)");

/** Connect the buttons that open and close panels. */
export function connectDrawers(store, developer) {
  const places = new Drawer("places", "open-places");
  byId("places").addEventListener("click", () => places.setOpen(false));
  byId("open-developer").addEventListener("click", () => developer.setOpen(byId("developer").hidden));
  byId("close-developer").addEventListener("click", () => developer.setOpen(false));
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector("#conversation textarea").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if (places.isOpen()) places.setOpen(false);
    else if (byId("developer").contains(document.activeElement)) developer.setOpen(false);
    else if (!byId("thread").hidden) byId("close-thread").click();
    else developer.setOpen(false);
  });
}

/** The left column in a narrow window. */
class Drawer {
  constructor(id, opener) {
    this.panel = byId(id);
    this.opener = byId(opener);
    this.opener.addEventListener("click", () => this.setOpen(!this.isOpen()));
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.panel.contains(target) && !this.opener.contains(target)) this.setOpen(false);
    });
  }

  isOpen() {
    return this.panel.classList.contains("open");
  }

  setOpen(open) {
    if (!NARROW_WINDOW.matches || open === this.isOpen()) return;
    this.panel.classList.toggle("open", open);
    this.opener.setAttribute("aria-expanded", String(open));
    (open ? this.panel.querySelector("button") : this.opener).focus();
  }
}
