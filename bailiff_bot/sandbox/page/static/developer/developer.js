/** The panel for developers: controls, calls, sockets, and the JSON of a message. */

import { byId } from "../dom.js";
import { Calls } from "./calls.js";
import { MessageJson } from "./json.js";
import { Sockets } from "./sockets.js";
import { Switches } from "./switches.js";
import { Tabs } from "./tabs.js";

const STORAGE_KEY = "developer";

export class Developer {
  constructor(store) {
    this.store = store;
    this.panel = byId("developer");
    this.opener = byId("open-developer");
    this.json = new MessageJson();
    const parts = { Switches: new Switches(store), Calls: new Calls(), Sockets: new Sockets(store), JSON: this.json };
    this.tabs = new Tabs(byId("developer-tabs"), this.panel, parts, () => this.render(store.pageData));
    this.setOpen(sessionStorage.getItem(STORAGE_KEY) === "open", { focus: false });
  }

  /** Open or close the panel. */
  setOpen(open, { focus = true } = {}) {
    if (open !== this.panel.hidden) return;
    this.panel.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    sessionStorage.setItem(STORAGE_KEY, open ? "open" : "closed");
    if (focus) (open ? byId("developer-name") : this.opener).focus();
    if (open) this.render(this.store.pageData);
  }

  /** Show the JSON of a message. */
  showMessage(message) {
    this.json.show(message);
    this.tabs.choose("JSON");
    this.setOpen(true);
  }

  /** Load data for the visible tab only. */
  render(pageData) {
    if (pageData && !this.panel.hidden) this.tabs.current.render(pageData);
  }
}
