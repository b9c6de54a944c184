// A page with every element; what the tests look at hangs on `window.t`.
import { createClient } from "/hearken/index.js";
import "/hearken/elements.js";
import "/hearken/inbox.js";

const query = new URLSearchParams(location.search);
if (query.get("lang") === "ar") Object.assign(document.documentElement, { lang: "ar", dir: "rtl" });
const t = (window.t = { violations: [], links: [], reports: [], drawn: [], shifts: [] });
document.addEventListener("securitypolicyviolation", (event) => t.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
document.addEventListener("hearken-deep-link", (event) => t.links.push(event.detail.link));
if (PerformanceObserver.supportedEntryTypes.includes("layout-shift")) {
  new PerformanceObserver((list) => t.shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: "layout-shift", buffered: true });
}
t.client = createClient({
  name: query.get("name") ?? "gallery", playbook: query.get("playbook") ?? "/gallery.json", logLevel: "none",
  consent: { analytics: true, messaging: true, personalization: true },
  delegate: { draw: (presentation) => t.drawn.push(presentation) },
});
t.client.on("report", ({ code, message }) => t.reports.push({ code, message }));
t.client.mount(document.body);
t.host = () => document.querySelector("hearken-messages").shadowRoot;
t.place = () => document.querySelector("hearken-placement")?.shadowRoot;
/** What stands on the screen, wherever it does. */
t.frame = () => t.host().querySelector("dialog, section") ?? t.place()?.querySelector("section") ?? null;
t.focused = () => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element.localName, element.ariaLabel || element.labels?.[0]?.textContent || element.textContent.trim().slice(0, 40)].join(" ");
};
t.lines = async () => {
  const lines = [];
  for await (const batch of t.client.export()) lines.push(...batch.records.map((line) => JSON.parse(line)));
  return lines;
};
await t.client.ready;
t.ready = true;
