// The success definition as it stands on this device, read from the engine and drawn as it is: the shop computes nothing.
import { draw, make } from "../dom.js";
import { hearken } from "../hearken.js";

export function success() {
  const board = make("div", { className: "board", ariaBusy: "true" });
  void hearken.success().then((metrics) => {
    board.ariaBusy = "false";
    board.replaceChildren(...(metrics.length ? metrics.map(card) : [nothing()]));
  }, () => board.replaceChildren(nothing()));
  return [make("h1", { textContent: "What worked" }), make("p", { className: "soft", textContent: "One definition, the same number here and in the warehouse. This is this device's share of it." }), board];
}

function card({ metric, num, den, value, goal, unavailable, fingerprint = "" }) {
  const share = den > 0 ? Math.max(0, Math.min(1, num / den)) : 0;
  const shown = unavailable ?? (value === undefined ? "–" : new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value));
  return make("article", { className: "metric" },
    ring(share, `${metric}: ${shown}`),
    make("div", {}, make("h2", { textContent: metric.replaceAll("_", " ") }), make("p", { className: "value", textContent: shown }),
      make("p", { className: "soft", textContent: `${num} of ${den}${goal === undefined ? "" : `, goal ${JSON.stringify(goal)}`}` }), make("code", { textContent: fingerprint.slice(0, 12) })));
}

function ring(share, label) {
  const length = 2 * Math.PI * 40;
  const circle = (className, dash) => draw("circle", { class: className, cx: 50, cy: 50, r: 40, "stroke-dasharray": dash });
  return draw("svg", { viewBox: "0 0 100 100", role: "img", "aria-label": label }, circle("track", "none"), circle("part", `${share * length} ${length}`));
}

function nothing() {
  return make("div", { className: "sheet" }, make("p", { textContent: "This playbook brings no success definition yet." }), make("p", { className: "soft", textContent: "Once it names its metrics they stand here: activation, retention, what a message added." }));
}
