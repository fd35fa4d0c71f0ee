/** The input for messages and commands; it suggests commands. */

import { h } from "./dom.js";
import { HOME } from "./sandbox.js";

const SUBCOMMANDS = [
  ["report", "the whole tenant: who owes what"],
  ["mine", "your own instances, and what to do about each"],
  ["mine AGR", "the instances of an identifier"],
  ["help", "what there is to type"],
];
let composerCount = 0;

export class Composer {
  /**
   * @param {import("./store.js").Store} store
   * @param {HTMLElement} panel the container; the composer is appended to it
   * @param {() => string | null} getThread returns the thread to write in
   * @param {{label: string, commands: boolean}} options
   */
  constructor(store, panel, getThread, { label, commands }) {
    Object.assign(this, { store, getThread });
    this.list = h("ul", { id: `offers-${++composerCount}`, role: "listbox", class: "offers", "aria-label": "Commands", hidden: true });
    this.input = h("textarea", {
      id: `composer-${composerCount}`, rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": this.list.id, "aria-label": label, placeholder: commands ? `${label}, or / for a command` : label,
    });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.form = h("form", { class: "composer" }, this.list, h("div", { class: "composer-box" },
      commands && h("button", { type: "button", class: "quiet icon", "aria-label": "Offer the commands", onclick: () => this.startCommand() }, "/"),
      this.input, h("button", { class: "button primary send" }, "Send")), this.problem);
    panel.append(this.form);
    this.addListeners();
    store.renderers.push((pageData) => this.render(pageData));
  }

  addListeners() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => this.suggest());
    this.input.addEventListener("blur", () => this.hide());
    this.input.addEventListener("keydown", (event) => this.handleKey(event));
  }

  render({ route, pageState }) {
    this.command = pageState.app.command;
    this.form.hidden = route.place === HOME;
  }

  startCommand() {
    this.input.value = `${this.command} `;
    this.input.focus();
    this.suggest();
  }

  /** Show the commands that start with the typed text. */
  suggest() {
    this.fitHeight();
    const typed = this.input.value.toLowerCase();
    const commandTexts = SUBCOMMANDS.map(([subcommand, description]) => [`${this.command} ${subcommand}`, description]);
    this.suggestions = typed.startsWith("/") ? commandTexts.filter(([text]) => text.toLowerCase().startsWith(typed)) : [];
    this.list.replaceChildren(...this.suggestions.map((suggestion, index) => this.option(suggestion, index)));
    this.list.hidden = !this.suggestions.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.select(-1);
  }

  option([text, description], index) {
    // A press must not take the focus from the input: the list is hidden when the input loses the focus.
    const accept = (event) => {
      event.preventDefault();
      this.accept(index);
    };
    return h("li", { id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false", onmousedown: accept },
      h("code", {}, text), h("span", {}, description));
  }

  select(index) {
    this.selected = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  accept(index) {
    [this.input.value] = this.suggestions[index];
    this.hide();
    this.input.focus();
  }

  hide() {
    this.list.hidden = true;
    this.selected = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  handleKey(event) {
    const open = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      event.preventDefault();
      const size = this.suggestions.length;
      this.select(this.selected < 0 && step < 0 ? size - 1 : (this.selected + step + size) % size);
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.hide();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && this.selected >= 0) this.accept(this.selected);
      else this.send();
    }
  }

  async send() {
    const text = this.input.value.trim();
    this.hide();
    this.problem.textContent = "";
    if (!text) return;
    if (text.startsWith("/") && this.getThread()) {
      this.problem.textContent = "Commands do not work in threads, as in Slack: type them in the conversation.";
      return;
    }
    this.input.value = "";
    this.fitHeight();
    const channel = this.store.pageData.route.place;
    const result = text.startsWith("/")
      ? await this.store.attemptAsCurrentUser("types", { channel, text })
      : await this.store.attemptAsCurrentUser("says", { channel, text, thread_ts: this.getThread() });
    if (!result && !this.input.value) this.input.value = text;
  }

  /** Fit the height of the box to its text. */
  fitHeight() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }
}
