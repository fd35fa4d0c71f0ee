/** Tabs, of which one is shown; the arrow keys move between them. */

import { h } from "../dom.js";

export class Tabs {
  /**
   * @param {HTMLElement} bar the container of the tabs
   * @param {HTMLElement} panel the container of their content
   * @param {Record<string, {node: HTMLElement}>} contents the content of each tab, by its label
   * @param {() => void} onChange
   */
  constructor(bar, panel, contents, onChange) {
    this.contents = contents;
    this.onChange = onChange;
    this.tabs = Object.keys(contents).map((name) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => this.choose(name),
    }, name));
    for (const [name, { node }] of Object.entries(contents)) {
      Object.assign(node, { id: `panel-${name}`, className: "tab-panel" });
      node.setAttribute("role", "tabpanel");
      node.setAttribute("aria-labelledby", `tab-${name}`);
      panel.append(node);
    }
    bar.append(...this.tabs);
    bar.addEventListener("keydown", (event) => this.moveFocus(event));
    this.show(Object.keys(contents)[0]);
  }

  get current() {
    return this.contents[this.name];
  }

  choose(name) {
    this.show(name);
    this.onChange();
  }

  show(name) {
    this.name = name;
    for (const tab of this.tabs) {
      const chosen = tab.textContent === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      this.contents[tab.textContent].node.hidden = !chosen;
    }
  }

  moveFocus(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs.at((this.tabs.indexOf(document.activeElement) + step) % this.tabs.length);
    next.focus();
    this.choose(next.textContent);
  }
}
