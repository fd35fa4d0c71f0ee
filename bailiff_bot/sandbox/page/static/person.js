/** The top bar: the workspace, and the current person. */

import { byId, h } from "./dom.js";

export class PersonMenu {
  constructor(store) {
    this.select = byId("person");
    this.select.addEventListener("change", () => store.switchPerson(this.select.value));
  }

  render({ route, pageState, names }) {
    byId("workspace").replaceChildren(pageState.app.team, h("span", { class: "wide-only" }, " sandbox"));
    const people = names.activePeople().filter((person) => person.role !== "app");
    if (this.select.options.length !== people.length) this.select.replaceChildren(...people.map(option));
    this.select.value = people.find((person) => [person.id, person.name].includes(route.person))?.name ?? "";
  }
}

function option({ name, real_name: realName, role }) {
  return h("option", { value: name }, role && !realName.includes("(") ? `${realName} (${role})` : realName);
}
