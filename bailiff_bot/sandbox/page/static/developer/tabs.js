/** Tabs, of which one is shown; the arrow keys move between them. */

import { h } from "../dom.js";

export class Tabs {
  /**
   * @param {HTMLElement} bar the container of the tabs
   * @param {HTMLElement} panel the container of their content
   * @param {Record<string, {node: HTMLElement}>} parts the content of each tab, by its label
   * @param {() => void} onChoice
   */
  constructor(bar, panel, parts, onChoice) {
    this.parts = parts;
    this.onChoice = onChoice;
    this.tabs = Object.keys(parts).map((name) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => this.choose(name),
    }, name));
    for (const [name, { node }] of Object.entries(parts)) {
      Object.assign(node, { id: `panel-${name}`, className: "tab-panel" });
      node.setAttribute("role", "tabpanel");
      node.setAttribute("aria-labelledby", `tab-${name}`);
      panel.append(node);
    }
    bar.append(...this.tabs);
    bar.addEventListener("keydown", (event) => this.walk(event));
    this.show(Object.keys(parts)[0]);
  }

  get current() {
    return this.parts[this.name];
  }

  choose(name) {
    this.show(name);
    this.onChoice();
  }

  show(name) {
    this.name = name;
    for (const tab of this.tabs) {
      const chosen = tab.textContent === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      this.parts[tab.textContent].node.hidden = !chosen;
    }
  }

  walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs.at((this.tabs.indexOf(document.activeElement) + step) % this.tabs.length);
    next.focus();
    this.choose(next.textContent);
  }
}
