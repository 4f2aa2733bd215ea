// Emoji by the names that people type between colons.

const NAMES = {
  "+1": "👍", "-1": "👎", alarm_clock: "⏰", bell: "🔔", white_circle: "⚪", boom: "💥", bug: "🐛",
  warning: "⚠️", x: "❌", white_check_mark: "✅", heavy_check_mark: "✔️", rotating_light: "🚨",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_blue_circle: "🔵", red_circle: "🔴",
  large_orange_circle: "🟠", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", memo: "📝",
  lock: "🔒", unlock: "🔓", key: "🔑", shield: "🛡️", fire: "🔥", eyes: "👀", tada: "🎉", wave: "👋",
  pray: "🙏", rocket: "🚀", thinking_face: "🤔", smile: "😄", slightly_smiling_face: "🙂", thumbsup: "👍",
  thumbsdown: "👎", point_right: "👉", no_entry: "⛔", information_source: "ℹ️", question: "❓",
  exclamation: "❗", heart: "❤️", clock1: "🕐", calendar: "📅", link: "🔗", bulb: "💡", sos: "🆘",
};

/** The emoji of that name, or the name between colons if there is none. */
export const emoji = (name) => NAMES[name.split("::")[0]] ?? `:${name}:`;

/** Text with the names between colons turned into emoji. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
