/** The panel for developers: controls, calls, sockets, and the JSON of a message. */

import { byId } from "../dom.js";
import { Calls } from "./calls.js";
import { MessageJson } from "./json.js";
import { Sockets } from "./sockets.js";
import { Switches } from "./switches.js";
import { Tabs } from "./tabs.js";

const KEY = "developer";

export class Developer {
  constructor(store) {
    this.store = store;
    this.panel = byId("developer");
    this.opener = byId("open-developer");
    this.json = new MessageJson();
    const parts = { Switches: new Switches(store), Calls: new Calls(), Sockets: new Sockets(store), JSON: this.json };
    this.tabs = new Tabs(byId("developer-tabs"), this.panel, parts, () => this.paint(store.seen));
    this.set(sessionStorage.getItem(KEY) === "open", { focus: false });
  }

  /** Open or close the panel. */
  set(open, { focus = true } = {}) {
    if (open !== this.panel.hidden) return;
    this.panel.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    sessionStorage.setItem(KEY, open ? "open" : "closed");
    if (focus) (open ? byId("developer-name") : this.opener).focus();
    if (open) this.paint(this.store.seen);
  }

  /** Show the JSON of a message. */
  showMessage(message) {
    this.json.show(message);
    this.tabs.choose("JSON");
    this.set(true);
  }

  /** Load data for the visible tab only. */
  paint(seen) {
    if (seen && !this.panel.hidden) this.tabs.current.paint(seen);
  }
}
