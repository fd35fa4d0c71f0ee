/** The conversation: the messages of a place, with a divider for each day. */

import { announce, byId, h } from "./dom.js";
import { describePlace } from "./places.js";
import { MessageList } from "./messagelist.js";
import { HOME } from "./sandbox.js";
import { markRead } from "./unread.js";

export class Conversation {
  constructor(store, developer) {
    this.store = store;
    this.list = new MessageList(store, developer, byId("messages"), { threads: true });
    this.shownKey = "";
    byId("join").addEventListener("click", () => {
      store.attemptAsCurrentUser("membership", { channel: store.pageData.route.place, joins: true });
    });
    byId("newer").addEventListener("click", () => this.list.scrollToEnd());
    byId("messages").addEventListener("scroll", () => {
      if (this.list.isAtEnd()) byId("newer").hidden = true;
    });
  }

  render(pageData) {
    const { title, description, place } = describePlace(pageData);
    byId("place-name").textContent = title;
    byId("place-about").textContent = description;
    byId("join").hidden = !place || place.joined || place.archived;
    byId("messages").hidden = pageData.route.place === HOME;
    if (pageData.route.place === HOME) return;
    const key = `${pageData.route.person}/${pageData.route.place}`;
    const newMessages = this.list.render(pageData, pageData.messages, { reset: key !== this.shownKey, empty: emptyNotice(pageData) });
    this.shownKey = key;
    this.markAsRead(pageData);
    if (newMessages.length) this.announceNewMessages(newMessages, pageData.names);
  }

  markAsRead({ route, messages, names }) {
    const latest = messages.findLast((message) => message.user !== names.pageState.me)?.ts;
    if (document.visibilityState === "visible" && latest) markRead(route.person, route.place, latest);
  }

  announceNewMessages(newMessages, names) {
    const latest = newMessages.at(-1);
    announce(`${names.person(latest.user)}: ${latest.text}`);
    byId("newer").hidden = this.list.isAtEnd();
  }
}

function emptyNotice({ pageState, route }) {
  const command = h("code", {}, `${pageState.app.command} help`);
  return h("div", { class: "empty" },
    h("p", { class: "empty-sign", "aria-hidden": "true" }, route.place === pageState.app.name ? "⚖️" : "#"),
    h("p", {}, "Nothing was said here yet."),
    h("p", {}, "Type ", command, " below, or let the digest be sent from the developer panel."));
}
