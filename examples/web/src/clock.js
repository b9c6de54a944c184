// The shop's own clock: "an hour passes" without waiting for it. Imported before anything that reads the time.

const KEY = "shop:ahead";
const real = Date.now.bind(Date);
let ahead = Number(localStorage.getItem(KEY) ?? 0);
Date.now = () => real() + ahead;

export function pass(ms) {
  ahead += ms;
  localStorage.setItem(KEY, String(ahead));
}

/** The shop's time, as a person reads it. */
export function reading() {
  const moment = new Intl.DateTimeFormat("en", { weekday: "long", hour: "2-digit", minute: "2-digit", day: "numeric", month: "short" }).format(Date.now());
  return ahead ? `${moment} (${Math.round(ahead / 3_600_000)} h ahead)` : moment;
}
