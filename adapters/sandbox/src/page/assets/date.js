// Dates and times in the reader's zone and language.

const part = (options) => new Intl.DateTimeFormat(undefined, options);
const CLOCK = part({ hour: "numeric", minute: "2-digit" });
const CLOCK_SECS = part({ hour: "numeric", minute: "2-digit", second: "2-digit" });
const DAY = part({ weekday: "long", month: "long", day: "numeric" });
const LONG = part({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
const SHORT = part({ month: "short", day: "numeric", year: "numeric" });
const PLAIN = part({ month: "long", day: "numeric", year: "numeric" });
const FULL = part({ dateStyle: "full", timeStyle: "medium" });

/** The instant of a message's time stamp. */
export const ofTs = (ts) => new Date(Number.parseFloat(ts) * 1000);
export const clock = (date) => CLOCK.format(date);
export const full = (date) => FULL.format(date);

/** `Today`, `Yesterday` or the day. */
export const day = (date) => pretty(date, (far) => DAY.format(far));

function pretty(date, otherwise) {
  const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const days = Math.round((midnight(date) - midnight(new Date())) / 86_400_000);
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[days] ?? otherwise(date);
}

function ago(date) {
  const secs = Math.round((date - Date.now()) / 1000);
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  if (Math.abs(secs) < 60) return relative.format(secs, "second");
  if (Math.abs(secs) < 3600) return relative.format(Math.round(secs / 60), "minute");
  if (Math.abs(secs) < 86_400) return relative.format(Math.round(secs / 3600), "hour");
  return relative.format(Math.round(secs / 86_400), "day");
}

const pad = (number) => String(number).padStart(2, "0");
const isoDay = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;

/** The tokens of `<!date^…>` and of rich text dates. */
const TOKENS = {
  date_num: isoDay,
  date_slash: (date) => part({}).format(date),
  date_long: (date) => LONG.format(date),
  date_long_full: (date) => LONG.format(date),
  date_long_pretty: (date) => pretty(date, (far) => LONG.format(far)),
  date: (date) => PLAIN.format(date),
  date_pretty: (date) => pretty(date, (far) => PLAIN.format(far)),
  date_short: (date) => SHORT.format(date),
  date_short_pretty: (date) => pretty(date, (far) => SHORT.format(far)),
  day_divider_pretty: day,
  time: clock,
  time_secs: (date) => CLOCK_SECS.format(date),
  ago,
};

/** `format` with its tokens replaced by parts of the instant. */
export function formatted(secs, format) {
  const date = new Date(secs * 1000);
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}
