/** The left column: channels, the conversation with the app, and its Home. */

import { byId, h } from "./dom.js";
import { renderKeyedList } from "./keyed.js";
import { HOME } from "./sandbox.js";
import { isUnread } from "./unread.js";

export class Places {
  constructor(store) {
    this.store = store;
    this.nav = byId("places");
    this.nav.addEventListener("keydown", (event) => this.moveFocus(event));
  }

  render(pageData) {
    renderKeyedList(this.nav, placeGroups(pageData), { key: ({ title }) => title, draw: (group) => this.group(group) });
    const unreadCount = this.nav.querySelectorAll(".unread").length;
    document.title = `${unreadCount ? `(${unreadCount}) ` : ""}${describePlace(pageData).title} · Bailiff's sandbox`;
  }

  group({ title, places }) {
    const id = `places-${title.toLowerCase().replaceAll(" ", "-")}`;
    return h("section", { "aria-labelledby": id },
      h("h2", { id }, title),
      h("ul", {}, places.map((place) => h("li", {}, this.place(place)))));
  }

  place({ id, icon, name, current, unread, joined }) {
    return h("button", {
      type: "button", "data-focus": id, "aria-current": current && "page",
      class: `place${unread ? " unread" : ""}${joined ? "" : " outside"}`,
      onclick: () => this.store.openPlace(id),
    },
    h("span", { class: "sign", "aria-hidden": "true" }, icon), h("span", { class: "name" }, name),
    unread && h("span", { class: "badge" }, h("span", { class: "visually-hidden" }, "unread"), h("span", { "aria-hidden": "true" }, "new")));
  }

  /** Move the focus between places with the arrow keys. */
  moveFocus(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.nav.querySelectorAll("button")];
    buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  }
}

/** Return the title and the description of the current place. */
export function describePlace({ route, pageState }) {
  if (route.place === HOME) return { title: "Bailiff · Home", description: "What the app shows to you alone" };
  if (route.place === pageState.app.name) {
    return { title: "Bailiff", description: "Your own conversation with the app: commands and direct messages" };
  }
  const place = pageState.places.find(({ id, name }) => [id, name].includes(route.place));
  if (!place) return { title: route.place, description: "" };
  const facts = [
    place.has_app ? `${place.members} members, Bailiff among them` : `${place.members} members, Bailiff is not one of them`,
    place.shared && "shared with another company", place.kind === "private" && "private", place.archived && "archived",
  ];
  return { title: `# ${place.name}`, description: facts.filter(Boolean).join(" · "), place };
}

function placeGroups({ route, pageState }) {
  const { app, direct } = pageState;
  const entry = (id, icon, name, latest, joined = true, aliases = []) => {
    const current = [id, ...aliases].includes(route.place);
    return { id, icon, name, joined, current, unread: !current && isUnread(route.person, id, latest) };
  };
  return [
    {
      title: "Channels",
      places: pageState.places.map((place) =>
        entry(place.id, place.kind === "private" ? "🔒" : "#", place.name, place.latest, place.joined, [place.name])),
    },
    { title: "Direct messages", places: [entry(app.name, "●", "Bailiff", direct.latest)] },
    { title: "Apps", places: [entry(HOME, "⌂", "Bailiff Home", null)] },
  ];
}
