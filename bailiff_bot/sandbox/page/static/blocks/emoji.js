/** The emoji that texts are likely to use; any other name is shown as it is written. */

const EMOJI = new Map(Object.entries({
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", wave: "👋", pray: "🙏", clap: "👏", eyes: "👀", muscle: "💪",
  point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇", raised_hands: "🙌", ok_hand: "👌",
  smile: "😄", slightly_smiling_face: "🙂", grin: "😁", joy: "😂", wink: "😉", thinking_face: "🤔", cry: "😢", sob: "😭",
  sweat_smile: "😅", neutral_face: "😐", sunglasses: "😎", heart: "❤️", broken_heart: "💔", tada: "🎉", sparkles: "✨",
  fire: "🔥", rocket: "🚀", boom: "💥", zap: "⚡", star: "⭐", 100: "💯", trophy: "🏆", gift: "🎁", bell: "🔔",
  no_bell: "🔕", loudspeaker: "📢", mega: "📣", speech_balloon: "💬", white_check_mark: "✅", heavy_check_mark: "✔️",
  ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎", warning: "⚠️", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", stop_sign: "🛑", rotating_light: "🚨", exclamation: "❗", question: "❓",
  information_source: "ℹ️", bulb: "💡", red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", large_orange_square: "🟧",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁",
  calendar: "📆", date: "📅", clock9: "🕘", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", zzz: "💤",
  money_with_wings: "💸", moneybag: "💰", dollar: "💵", euro: "💶", chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉", bar_chart: "📊", clipboard: "📋", memo: "📝", pushpin: "📌", paperclip: "📎",
  mag: "🔍", lock: "🔒", unlock: "🔓", key: "🔑", label: "🏷️", wastebasket: "🗑️", hammer: "🔨", wrench: "🔧", gear: "⚙️",
  scales: "⚖️", robot_face: "🤖", ghost: "👻", skull: "💀", computer: "💻", desktop_computer: "🖥️", cloud: "☁️",
  sunny: "☀️", snowflake: "❄️", earth_africa: "🌍", globe_with_meridians: "🌐", house: "🏠", office: "🏢", crab: "🦀",
  turtle: "🐢", snail: "🐌", seedling: "🌱", broom: "🧹", stop_button: "⏹️", arrow_forward: "▶️", double_vertical_bar: "⏸️",
}));

/** Return the emoji of a name, or the name between colons. */
export function emoji(name) {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, "")) ?? `:${name}:`;
}

/** Return a text with emoji in place of their names. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
}
