/** The page: it is built once, and drawn again after each change event of the sandbox. */

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Developer } from "./developer/developer.js";
import { byId } from "./dom.js";
import { drawers } from "./drawers.js";
import { Home } from "./home.js";
import { Modal } from "./modal.js";
import { Person } from "./person.js";
import { Places } from "./places.js";
import { correct, readRoute } from "./route.js";
import { act, listen } from "./sandbox.js";
import { Store } from "./store.js";
import { Thread } from "./thread.js";

const FIRST_PERSON = "ada";
const FIRST_PLACE = "general";

async function begin() {
  if (!readRoute()) correct({ person: FIRST_PERSON, place: await firstPlace(), thread: null });
  const store = new Store([]);
  const developer = new Developer(store);
  const parts = [
    new Person(store), new Places(store), new Conversation(store, developer), new Home(store),
    new Thread(store, developer), new Modal(store), developer,
  ];
  store.painters.push(...parts.map((part) => (seen) => part.paint(seen)));
  new Composer(store, byId("conversation"), () => null, { label: "Message", commands: true });
  new Composer(store, byId("thread"), () => readRoute().thread, { label: "Reply", commands: false });
  drawers(store, developer);
  window.addEventListener("hashchange", () => store.refresh());
  document.addEventListener("visibilitychange", () => store.refresh());
  listen(() => store.refresh(), (connected) => {
    byId("lost").textContent = connected ? "" : "The sandbox does not answer. Trying again …";
  });
  await store.refresh();
}

async function firstPlace() {
  const { places } = await act("around", { user: FIRST_PERSON });
  return (places.find(({ name }) => name === FIRST_PLACE) ?? places[0]).id;
}

begin();
