/** What each person has read already, for as long as this tab is open. */

const KEY = "read";

/** Return whether there is something new in a place for a person. */
export function isUnread(person, place, latest) {
  return latest !== null && latest > (marks()[mark(person, place)] ?? "");
}

/** Remember that a person has read a place up to a timestamp. */
export function markRead(person, place, latest) {
  if (isUnread(person, place, latest)) {
    sessionStorage.setItem(KEY, JSON.stringify({ ...marks(), [mark(person, place)]: latest }));
  }
}

function marks() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
}

function mark(person, place) {
  return `${person}/${place}`;
}
