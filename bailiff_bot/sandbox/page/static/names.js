/** The names of people and channels, by id. */

export class Names {
  /** @param {object} pageState the page state of the sandbox */
  constructor(pageState) {
    this.pageState = pageState;
    this.people = new Map(pageState.people.map((person) => [person.id, person]));
    this.places = new Map(pageState.places.map((place) => [place.id, place]));
  }

  person(id) {
    return this.people.get(id)?.real_name ?? (id === "USLACKBOT" ? "Slack" : id);
  }

  handle(id) {
    return this.people.get(id)?.name ?? id;
  }

  channel(id) {
    return this.places.get(id)?.name ?? id;
  }

  isApp(id) {
    return id === this.pageState.app.user;
  }

  /** Return the people that a menu offers. */
  activePeople() {
    return this.pageState.people.filter((person) => person.role !== "deactivated");
  }
}
