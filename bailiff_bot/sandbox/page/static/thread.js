/** The panel beside the conversation: a message and its replies. */

import { byId } from "./dom.js";
import { MessageList } from "./messagelist.js";

export class Thread {
  constructor(store, developer) {
    this.store = store;
    this.panel = byId("thread");
    this.list = new MessageList(store, developer, byId("replies"), { threads: false });
    this.shownThread = null;
    byId("close-thread").addEventListener("click", () => this.close());
  }

  render(pageData) {
    const { thread } = pageData.route;
    const opened = thread && thread !== this.shownThread;
    this.panel.hidden = !thread;
    if (thread) this.list.render(pageData, pageData.replies, { reset: opened });
    if (opened) {
      byId("replies").scrollTop = 0;
      byId("thread-name").focus();
    }
    this.shownThread = thread;
  }

  /** Close the panel, and set the focus back to the button that opened it. */
  close() {
    const opener = document.querySelector(`[data-focus="replies-${this.shownThread}"]`);
    this.store.openThread(null);
    opener?.focus();
  }
}
