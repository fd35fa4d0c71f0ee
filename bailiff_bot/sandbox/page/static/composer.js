/** The input for messages and commands; it suggests commands. */

import { h } from "./dom.js";
import { HOME } from "./sandbox.js";

const SUBCOMMANDS = [
  ["report", "the whole tenant: who owes what"],
  ["mine", "your own instances, and what to do about each"],
  ["mine AGR", "those of an identifier"],
  ["help", "what there is to type"],
];
let count = 0;

export class Composer {
  /**
   * @param {import("./store.js").Store} store
   * @param {HTMLElement} panel the container; the composer is appended to it
   * @param {() => string | null} thread returns the thread to write in
   * @param {{label: string, commands: boolean}} look
   */
  constructor(store, panel, thread, { label, commands }) {
    Object.assign(this, { store, thread });
    this.list = h("ul", { id: `offers-${++count}`, role: "listbox", class: "offers", "aria-label": "Commands", hidden: true });
    this.input = h("textarea", {
      id: `composer-${count}`, rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": this.list.id, "aria-label": label, placeholder: commands ? `${label}, or / for a command` : label,
    });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.form = h("form", { class: "composer" }, this.list, h("div", { class: "composer-box" },
      commands && h("button", { type: "button", class: "quiet icon", "aria-label": "Offer the commands", onclick: () => this.begin() }, "/"),
      this.input, h("button", { class: "button primary send" }, "Send")), this.problem);
    panel.append(this.form);
    this.listen();
    store.painters.push((seen) => this.paint(seen));
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => this.offer());
    this.input.addEventListener("blur", () => this.hide());
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  paint({ route, around }) {
    this.command = around.app.command;
    this.form.hidden = route.place === HOME;
  }

  begin() {
    this.input.value = `${this.command} `;
    this.input.focus();
    this.offer();
  }

  /** Show the commands that start with the typed text. */
  offer() {
    this.fit();
    const typed = this.input.value.toLowerCase();
    const all = SUBCOMMANDS.map(([word, what]) => [`${this.command} ${word}`, what]);
    this.offers = typed.startsWith("/") ? all.filter(([text]) => text.toLowerCase().startsWith(typed)) : [];
    this.list.replaceChildren(...this.offers.map((offer, index) => this.option(offer, index)));
    this.list.hidden = !this.offers.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.choose(-1);
  }

  option([text, what], index) {
    // A press must not take the focus from the input: the list is hidden when the input loses the focus.
    const take = (event) => {
      event.preventDefault();
      this.take(index);
    };
    return h("li", { id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false", onmousedown: take },
      h("code", {}, text), h("span", {}, what));
  }

  choose(index) {
    this.chosen = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  take(index) {
    [this.input.value] = this.offers[index];
    this.hide();
    this.input.focus();
  }

  hide() {
    this.list.hidden = true;
    this.chosen = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const open = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      event.preventDefault();
      const size = this.offers.length;
      this.choose(this.chosen < 0 && step < 0 ? size - 1 : (this.chosen + step + size) % size);
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.hide();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && this.chosen >= 0) this.take(this.chosen);
      else this.send();
    }
  }

  async send() {
    const text = this.input.value.trim();
    this.hide();
    this.problem.textContent = "";
    if (!text) return;
    if (text.startsWith("/") && this.thread()) {
      this.problem.textContent = "Commands do not work in threads, as in Slack: type them in the conversation.";
      return;
    }
    this.input.value = "";
    this.fit();
    const channel = this.store.seen.route.place;
    const done = text.startsWith("/")
      ? await this.store.personally("types", { channel, text })
      : await this.store.personally("says", { channel, text, thread_ts: this.thread() });
    if (!done && !this.input.value) this.input.value = text;
  }

  /** Fit the height of the box to its text. */
  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }
}
