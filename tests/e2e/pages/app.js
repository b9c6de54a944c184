// A page with a client, as the tests need it; everything observable hangs on `window.t`.
import { createClient } from "/hearken/index.js";
import "/hearken/elements.js";

const query = new URLSearchParams(location.search);
const t = (window.t = { violations: [], offers: [], withdrawn: [], shown: [], diagnostics: [], decisions: [], reports: [], links: [], presentations: new Map() });
document.addEventListener("securitypolicyviolation", (event) => t.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
document.addEventListener("hearken-deep-link", (event) => t.links.push(event.detail.link));

if (query.has("ago")) {
  const real = Date.now.bind(Date);
  Date.now = () => real() - Number(query.get("ago"));
}
if (query.has("noidb")) Object.defineProperty(window, "indexedDB", { value: undefined });
if (query.has("nosession")) Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("denied", "SecurityError"); } });

const options = {
  name: query.get("name") ?? "e2e",
  playbook: query.get("playbook") ?? "/playbook.json",
  consent: { analytics: true, messaging: true, personalization: true },
  times: { ownerGrace: Number(query.get("grace") ?? 10_000), transactionTimeout: Number(query.get("patience") ?? 5_000) },
  logLevel: "none",
};
if (query.has("wasm")) options.wasm = query.get("wasm");
if (query.has("store")) options.store = query.get("store");
if (query.has("answer")) {
  const answer = query.get("answer");
  options.delegate = { offer: () => (/^\d/.test(answer) ? { later: answer } : answer) };
}
if (query.has("kept")) Object.assign(options, { retention: JSON.parse(query.get("kept")) });
if (query.has("tidy")) options.times.tidyAfter = Number(query.get("tidy"));
if (query.has("export")) {
  const { exporter } = await import("/hearken/exporter.js");
  const headers = query.has("key") ? { "x-key": query.get("key") } : undefined;
  options.exporter = exporter({ url: "/facts", every: Number(query.get("export")), ...(headers && { headers }) });
}
t.create = () => createClient(options);
t.client = t.create();
t.client.on("offer", (presentation) => {
  t.offers.push({ id: presentation.id, campaign: presentation.campaign, resumed: presentation.resumed });
  t.presentations.set(presentation.id, presentation);
});
t.client.on("withdrawn", (event) => t.withdrawn.push(event));
t.client.on("shown", (event) => t.shown.push(event));
t.client.on("diagnostic", (event) => t.diagnostics.push(event));
t.client.on("decisions", (event) => t.decisions.push(...event));
t.client.on("report", ({ code, message, error }) => t.reports.push({ code, message, place: error?.place, typed: error?.name }));
// What a page says before the client is open.
for (const note of query.getAll("early")) t.client.track("cart_updated", { items: 0, note });
if (!query.has("headless")) t.client.mount(document.body);

t.dialog = () => document.querySelector("hearken-messages")?.shadowRoot.querySelector("dialog[open]");
t.lines = async (options) => {
  const lines = [];
  for await (const batch of t.client.export(options)) lines.push(...batch.records);
  return lines;
};
t.status = await t.client.ready;
t.ready = true;
