/** The page: it is built once, and drawn again after each change event of the sandbox. */

import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Developer } from "./developer/developer.js";
import { byId } from "./dom.js";
import { connectDrawers } from "./drawers.js";
import { Home } from "./home.js";
import { Modal } from "./modal.js";
import { PersonMenu } from "./person.js";
import { Places } from "./places.js";
import { readRoute, replaceRoute } from "./route.js";
import { callHandler, listenForChanges } from "./sandbox.js";
import { Store } from "./store.js";
import { Thread } from "./thread.js";

const FIRST_PERSON = "ada";
const FIRST_PLACE = "general";

async function start() {
  if (!readRoute()) replaceRoute({ person: FIRST_PERSON, place: await firstPlace(), thread: null });
  const store = new Store([]);
  const developer = new Developer(store);
  const components = [
    new PersonMenu(store), new Places(store), new Conversation(store, developer), new Home(store),
    new Thread(store, developer), new Modal(store), developer,
  ];
  store.renderers.push(...components.map((component) => (pageData) => component.render(pageData)));
  new Composer(store, byId("conversation"), () => null, { label: "Message", commands: true });
  new Composer(store, byId("thread"), () => readRoute().thread, { label: "Reply", commands: false });
  connectDrawers(store, developer);
  window.addEventListener("hashchange", () => store.refresh());
  document.addEventListener("visibilitychange", () => store.refresh());
  listenForChanges(() => store.refresh(), (connected) => {
    byId("lost").textContent = connected ? "" : "The sandbox does not answer. Trying again …";
  });
  await store.refresh();
}

async function firstPlace() {
  const { places } = await callHandler("around", { user: FIRST_PERSON });
  return (places.find(({ name }) => name === FIRST_PLACE) ?? places[0]).id;
}

start();
