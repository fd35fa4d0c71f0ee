/** Dates as text: message times, day dividers, and Slack's date formats. */

const LANGUAGE = "en-GB";
const DAY = 86400000;

/** Return a message's timestamp as a Date. */
export function moment(ts) {
  return new Date(Number(ts) * 1000);
}

export function clock(date) {
  return format(date, { hour: "2-digit", minute: "2-digit" });
}

export function fullTime(date) {
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
export function slackDate(date, pattern, now = new Date()) {
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => worded(token, date, now) ?? whole);
}

function worded(token, date, now) {
  const pretty = token.endsWith("_pretty") ? { 0: "today", 1: "yesterday", "-1": "tomorrow" }[daysBetween(date, now)] : null;
  if (pretty) return pretty;
  switch (token.replace(/_pretty$/, "")) {
    case "date_num": return date.toLocaleDateString("sv-SE");
    case "date": return format(date, { day: "numeric", month: "long", year: "numeric" });
    case "date_slash": return format(date, { day: "2-digit", month: "2-digit", year: "numeric" });
    case "date_short": return format(date, { day: "numeric", month: "short", year: "numeric" });
    case "day_divider":
    case "date_long": return format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
    case "time": return clock(date);
    case "time_secs": return format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    case "ago": return ago(now - date);
    default: return null;
  }
}

function ago(milliseconds) {
  const units = [[DAY, "day"], [3600000, "hour"], [60000, "minute"], [1000, "second"]];
  const [size, name] = units.find(([length]) => Math.abs(milliseconds) >= length) ?? units.at(-1);
  return new Intl.RelativeTimeFormat(LANGUAGE).format(-Math.round(milliseconds / size), name);
}

function daysBetween(date, now) {
  return Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / DAY);
}

function format(date, options) {
  return new Intl.DateTimeFormat(LANGUAGE, options).format(date);
}
