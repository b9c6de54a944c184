// The success definition as it stands on this device, read from the engine and drawn as it is: the shop computes nothing.
import { draw, make } from "../dom.js";
import { hearken } from "../hearken.js";

export function success() {
  const board = make("div", { className: "board", ariaBusy: "true" });
  void hearken.success().then((report) => {
    board.ariaBusy = "false";
    const cards = report.metrics.map((metric) => (metric.groups ? split(metric) : card(metric, report)));
    board.replaceChildren(...(cards.length ? cards : [nothing()]));
  }, () => board.replaceChildren(nothing()));
  const consent = make("p", { className: "soft" });
  void hearken.person().then(({ consent: purposes }) => {
    if (!purposes.includes("analytics")) consent.textContent = "You have not agreed to analytics, so nothing of yours counts yet. Agree on the account page, or when the shop asks.";
  });
  return [make("h1", { textContent: "What worked" }), make("p", { className: "soft", textContent: "One definition, the same number here and in the warehouse. This is this device's share of it." }), consent, board];
}

const UNKNOWN = { history_incomplete: "Not known yet", state_limit: "Too much to keep", clock: "The clock is behind", excluded: "Left out" };
const GOALS = { met: "goal met", missed: "goal not met yet", no_data: "too little for its goal", no_target: "" };
const number = (value, options) => new Intl.NumberFormat("en", { maximumFractionDigits: 2, ...options }).format(value);

/** A value as the definition says to read it. */
function shown({ metric, kind, num, value, unavailable }, { currency, digits }) {
  if (unavailable) return UNKNOWN[unavailable];
  if (value === undefined) return "–";
  if (kind === "total") return number(value);
  if (kind === "change") return number(value, { style: "percent", signDisplay: "always" });
  if (kind === "ms") return `${number(value / 1000)} s`;
  const money = currency && /aov|revenue/.test(metric) && num !== undefined;
  if (money) return number(value / 10 ** digits, { style: "currency", currency });
  return value >= 0 && value <= 1 ? number(value, { style: "percent", maximumFractionDigits: 0 }) : number(value);
}

function pair({ kind, num, den }) {
  return kind === "total" || num === undefined ? "" : `${number(num)} of ${number(den)}`;
}

function card(metric, report) {
  const { title, num, den, goal, live, fingerprint } = metric;
  const name = title ?? metric.metric.replaceAll("_", " ");
  const share = den > 0 ? Math.max(0, Math.min(1, num / den)) : metric.kind === "total" && num > 0 ? 1 : 0;
  const value = shown(metric, report);
  const notes = [pair(metric), goal && GOALS[goal], live ? "" : "as of midnight"].filter(Boolean).join(", ");
  return make("article", { className: "metric" },
    ring(share, `${name}: ${value}`),
    make("div", {}, make("h2", { textContent: name }), make("p", { className: "value", textContent: value }), make("p", { className: "soft", textContent: notes }), make("code", { textContent: fingerprint.slice(0, 12) })));
}

/** A bar for each group. */
function split({ metric, title, groups, fingerprint }) {
  const name = title ?? metric.replaceAll("_", " ");
  const bars = groups.map(({ group, num, den }) => {
    const share = den > 0 ? num / den : 0;
    const bar = draw("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", role: "img", "aria-label": `${group}: ${num} of ${den}` },
      draw("rect", { class: "track", width: 100, height: 6, rx: 3 }), draw("rect", { class: "part", width: share * 100, height: 6, rx: 3 }));
    return make("li", {}, make("span", { textContent: group }), bar, make("span", { className: "soft", textContent: den === undefined ? number(num) : `${num} of ${den}` }));
  });
  const content = bars.length ? make("ul", { className: "bars" }, ...bars) : make("p", { className: "soft", textContent: "Nothing yet" });
  return make("article", { className: "metric" }, make("div", {}, make("h2", { textContent: name }), content, make("code", { textContent: fingerprint.slice(0, 12) })));
}

function ring(share, label) {
  const length = 2 * Math.PI * 40;
  const circle = (className, dash) => draw("circle", { class: className, cx: 50, cy: 50, r: 40, "stroke-dasharray": dash });
  return draw("svg", { viewBox: "0 0 100 100", role: "img", "aria-label": label }, circle("track", "none"), ...(share > 0 ? [circle("part", `${share * length} ${length}`)] : []));
}

function nothing() {
  return make("div", { className: "sheet" }, make("p", { textContent: "This playbook brings no success definition yet." }), make("p", { className: "soft", textContent: "Once it names its metrics they stand here: activation, retention, what a message added." }));
}
