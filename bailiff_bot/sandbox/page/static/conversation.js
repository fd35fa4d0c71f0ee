/** The conversation: the messages of a place, with a divider for each day. */

import { announce, byId, h } from "./dom.js";
import { here } from "./places.js";
import { MessageList } from "./messagelist.js";
import { HOME } from "./sandbox.js";
import { markRead } from "./unread.js";

export class Conversation {
  constructor(store, developer) {
    this.store = store;
    this.list = new MessageList(store, developer, byId("messages"), { threads: true });
    this.shown = "";
    byId("join").addEventListener("click", () => {
      store.personally("membership", { channel: store.seen.route.place, joins: true });
    });
    byId("newer").addEventListener("click", () => this.list.toEnd());
    byId("messages").addEventListener("scroll", () => {
      if (this.list.isAtEnd()) byId("newer").hidden = true;
    });
  }

  paint(seen) {
    const { title, about, place } = here(seen);
    byId("place-name").textContent = title;
    byId("place-about").textContent = about;
    byId("join").hidden = !place || place.joined || place.archived;
    byId("messages").hidden = seen.route.place === HOME;
    if (seen.route.place === HOME) return;
    const key = `${seen.route.person}/${seen.route.place}`;
    const arrived = this.list.paint(seen, seen.messages, { fresh: key !== this.shown, empty: empty(seen) });
    this.shown = key;
    this.read(seen);
    if (arrived.length) this.tell(arrived, seen.names);
  }

  read({ route, messages, names }) {
    const latest = messages.findLast((message) => message.user !== names.around.me)?.ts;
    if (document.visibilityState === "visible" && latest) markRead(route.person, route.place, latest);
  }

  tell(arrived, names) {
    const last = arrived.at(-1);
    announce(`${names.person(last.user)}: ${last.text}`);
    byId("newer").hidden = this.list.isAtEnd();
  }
}

function empty({ around, route }) {
  const command = h("code", {}, `${around.app.command} help`);
  return h("div", { class: "empty" },
    h("p", { class: "empty-sign", "aria-hidden": "true" }, route.place === around.app.name ? "⚖️" : "#"),
    h("p", {}, "Nothing was said here yet."),
    h("p", {}, "Type ", command, " below, or let the digest be sent from the developer panel."));
}
