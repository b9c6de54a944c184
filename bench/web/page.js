// What is measured, in the page. Every figure is one round; the runner takes the median of eleven.
import { GrowthBook } from "@growthbook/growthbook";
import { createClient } from "../../bindings/web/dist/index.js";
import { openEngine } from "../../bindings/web/dist/testing.js";

const wasm = "/hearken.wasm";
const consent = { analytics: true, messaging: true, personalization: true };
const RULES = 100;
const COUNTRIES = ["AT", "BE", "CH", "DK", "GR"];
const PERSON = { country: "GR", session_count: 5, days_since_purchase: 45, a: 1, b: "x", c: true, d: 4, e: "y", f: 7, g: "z" };
const rule = (n) => ({ country: { $in: COUNTRIES }, session_count: { $gte: n % 10 }, days_since_purchase: { $gt: 30 + (n % 30) } });

const campaign = (n) => ({ id: `c${n}`, channel: ["in_browser"], trigger: { event: "looked" }, audience: rule(n), limit: { times: 0 }, priority: 100, message: "m" });
const plan = { mode: "open", events: { looked: { purpose: ["messaging"] }, plain: { purpose: ["messaging", "analytics"] } }, attributes: {} };
const messages = { m: { layout: "custom", data: {} } };
const playbook = (campaigns) => ({ spec: 1, id: "bench", revision: 1, plan, campaigns, messages });
const hex = "0123456789abcdef".repeat(2);

/** Nanoseconds for one decision: an event that sets a hundred campaigns off, everything included, against a hundred flags. */
export async function decisions() {
  const engine = await openEngine({ owner: "bench", channels: ["in_browser"], wasm });
  let now = 1_760_000_000_000;
  const say = (input) => engine.handle(input, { now: (now += 10), offset_min: 0, entropy: hex, locale: "en", can_display: true });
  say({ open: { consent: ["analytics", "messaging", "personalization"] } });
  say({ install_playbook: { document: JSON.stringify(playbook(Array.from({ length: RULES }, (_, n) => campaign(n)))) } });
  for (const [name, value] of Object.entries(PERSON)) say({ attribute: { name, value } });
  say({ host_state: { paused: true } });
  const ours = () => say({ track: { name: "looked", properties: {} } });
  const features = Object.fromEntries(Array.from({ length: RULES }, (_, n) => [`f${n}`, { defaultValue: false, rules: [{ condition: rule(n), force: true }] }]));
  const peer = new GrowthBook({ attributes: PERSON, features });
  const theirs = () => {
    let on = 0;
    for (let n = 0; n < RULES; n++) if (peer.isOn(`f${n}`)) on++;
    return on;
  };
  const time = (run, rounds) => {
    const start = performance.now();
    for (let n = 0; n < rounds; n++) run();
    return ((performance.now() - start) * 1e6) / rounds / RULES;
  };
  for (let n = 0; n < 20; n++) ours(), theirs();
  const answer = { hearken: time(ours, 60), growthbook: time(theirs, 300) };
  engine.free();
  return answer;
}

const event = (n) => ({ sku: `SKU-${n % 977}`, price_minor: n % 200, note: "x".repeat(60) });

/** Events a second: ours tracked and flushed, against rows of the same bytes in batches of 50. */
export async function persistence(name, events = 2_000) {
  const client = createClient({ name, playbook: playbook([]), consent, wasm, logLevel: "none" });
  await client.ready;
  await client.flush();
  let start = performance.now();
  for (let n = 0; n < events; n++) client.track("plain", event(n));
  await client.flush();
  const ours = events / (performance.now() - start);
  const rows = [];
  for await (const batch of client.export()) rows.push(...batch.records);
  await client.close();
  const db = await new Promise((resolve) => {
    const request = indexedDB.open(`raw-${name}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("rows", { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
  });
  const bodies = rows.slice(-events);
  start = performance.now();
  for (let at = 0; at < bodies.length; at += 50) {
    await new Promise((resolve) => {
      const tx = db.transaction("rows", "readwrite", { durability: "relaxed" });
      for (const body of bodies.slice(at, at + 50)) tx.objectStore("rows").add(body);
      tx.oncomplete = resolve;
    });
  }
  const raw = bodies.length / (performance.now() - start);
  db.close();
  return { hearken: ours * 1_000, raw: raw * 1_000 };
}

/** Microseconds of the page's thread for one event: the runner asks the browser; here it is only kept busy. */
export async function busy(name, events = 2_000) {
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  const client = createClient({ name, playbook: playbook([]), consent, wasm, logLevel: "none" });
  await client.ready;
  await client.flush();
  return {
    async run() {
      observer.observe({ type: "longtask" });
      for (let n = 0; n < events; n += 50) {
        for (let k = n; k < n + 50; k++) client.track("plain", event(k));
        await new Promise((resolve) => setTimeout(resolve));
      }
      await client.flush();
      await new Promise((resolve) => setTimeout(resolve, 60));
      observer.disconnect();
      await client.close();
      return { events, long: tasks };
    },
  };
}

/** Fills a journal, once. */
export async function fill(name, records) {
  const client = createClient({ name, playbook: playbook([campaign(0)]), consent, wasm, logLevel: "none" });
  await client.ready;
  for (let n = 0; n < records; n++) {
    client.track("plain", event(n));
    if (n % 2_000 === 0) await client.flush();
  }
  await client.flush();
  await client.close();
}

/** Milliseconds from `createClient` to the first decision, with a journal that is there already. */
export async function start(name) {
  const begin = performance.now();
  const client = createClient({ name, playbook: playbook([campaign(0)]), consent, wasm, logLevel: "none", delegate: { offer: () => "later" } });
  const decided = new Promise((resolve) => client.on("decisions", resolve));
  client.track("looked");
  await client.ready;
  const open = performance.now() - begin;
  await decided;
  const first = performance.now() - begin;
  await client.close();
  return { open, first };
}

window.bench = { decisions, persistence, busy, fill, start };
