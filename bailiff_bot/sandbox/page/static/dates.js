/** Dates as text: message times, day dividers, and Slack's date formats. */

const LOCALE = "en-GB";
const DAY_MS = 86400000;

/** Return a message's timestamp as a Date. */
export function toDate(ts) {
  return new Date(Number(ts) * 1000);
}

export function timeOfDay(date) {
  return format(date, { hour: "2-digit", minute: "2-digit" });
}

export function fullDateTime(date) {
  return format(date, { dateStyle: "full", timeStyle: "medium" });
}

/** Return "Today", "Yesterday" or the date, relative to another time. */
export function dayName(date, now) {
  const long = format(date, { weekday: "long", day: "numeric", month: "long" });
  return { 0: "Today", 1: "Yesterday" }[daysBetween(date, now)] ?? long;
}

/**
 * Return a time in one of Slack's formats, such as "{date_short} at {time}"
 * (docs.slack.dev, "Date formatting").
 */
export function formatSlackDate(date, pattern, now = new Date()) {
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => formatToken(token, date, now) ?? whole);
}

function formatToken(token, date, now) {
  const pretty = token.endsWith("_pretty") ? { 0: "today", 1: "yesterday", "-1": "tomorrow" }[daysBetween(date, now)] : null;
  if (pretty) return pretty;
  switch (token.replace(/_pretty$/, "")) {
    case "date_num": return date.toLocaleDateString("sv-SE");
    case "date": return format(date, { day: "numeric", month: "long", year: "numeric" });
    case "date_slash": return format(date, { day: "2-digit", month: "2-digit", year: "numeric" });
    case "date_short": return format(date, { day: "numeric", month: "short", year: "numeric" });
    case "day_divider":
    case "date_long": return format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
    case "time": return timeOfDay(date);
    case "time_secs": return format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    case "ago": return relativeTime(now - date);
    default: return null;
  }
}

function relativeTime(milliseconds) {
  const units = [[DAY_MS, "day"], [3600000, "hour"], [60000, "minute"], [1000, "second"]];
  const [size, name] = units.find(([length]) => Math.abs(milliseconds) >= length) ?? units.at(-1);
  return new Intl.RelativeTimeFormat(LOCALE).format(-Math.round(milliseconds / size), name);
}

function daysBetween(date, now) {
  return Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / DAY_MS);
}

function format(date, options) {
  return new Intl.DateTimeFormat(LOCALE, options).format(date);
}
