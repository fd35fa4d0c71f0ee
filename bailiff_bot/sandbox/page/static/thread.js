/** The panel beside the conversation: a message and its replies. */

import { byId } from "./dom.js";
import { MessageList } from "./messagelist.js";

export class Thread {
  constructor(store, developer) {
    this.store = store;
    this.panel = byId("thread");
    this.list = new MessageList(store, developer, byId("replies"), { threads: false });
    this.shown = null;
    byId("close-thread").addEventListener("click", () => this.close());
  }

  paint(seen) {
    const { thread } = seen.route;
    const opened = thread && thread !== this.shown;
    this.panel.hidden = !thread;
    if (thread) this.list.paint(seen, seen.replies, { fresh: opened });
    if (opened) {
      byId("replies").scrollTop = 0;
      byId("thread-name").focus();
    }
    this.shown = thread;
  }

  /** Close the panel, and set the focus back to the button that opened it. */
  close() {
    const opener = document.querySelector(`[data-focus="replies-${this.shown}"]`);
    this.store.openThread(null);
    opener?.focus();
  }
}
