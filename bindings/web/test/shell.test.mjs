// The pump, the journal and the queue, as far as no page is needed: the rest is in tests/e2e.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { internals } from "./support/internals.mjs";

const { CAPACITY, Journal, MemoryStore, Queue, RESERVED, Shell, Trap, settle } = await internals(
  "shell/clock.ts", "shell/journal.ts", "shell/queue.ts", "shell/shell.ts", "store/memory.ts", "engine/engine.ts",
);
const module = await WebAssembly.compile(readFileSync(new URL("../dist/hearken.wasm", import.meta.url)));
const document = readFileSync(new URL("first-cart.json", import.meta.url), "utf8");
const ALL = ["analytics", "personalization", "messaging"];
const track = (note) => ({ track: { name: "cart_updated", properties: { items: 0, top_item: note } } });

/** A store that says that it is durable, and refuses as it is told. */
class Refusing extends MemoryStore {
  durable = true;
  refusals = [];
  visits = 0;
  async visit(visit, durability) {
    this.visits += 1;
    const refusal = this.refusals.shift();
    if (!refusal) return super.visit(visit, durability);
    // As IndexedDB does: everything ran, and then the transaction aborts.
    await super.visit({ ...proxy(visit), handle: undefined }, durability);
    visit.all?.();
    visit.handle?.({ v: 1, journal: "x", seq: 0, checkpoint: 0, base: 0 }, []);
    throw refusal;
  }
}

const proxy = (visit) => ({ journal: visit.journal, seq: visit.seq, fold: (tail) => visit.fold(tail), supply: (hash, content) => visit.supply(hash, content) });

/** A shell over a store, and everything that it said. */
function shellOver(store, { journal = new Journal(module, "owner"), queue = new Queue(), ...more } = {}) {
  const said = { steps: [], reports: [], degraded: [], inboxes: [] };
  const tab = { owner: "owner", left: undefined, owed: undefined, spilled: undefined, spill: (spill) => (tab.spilled = spill), takeSpill: () => undefined };
  const shell = new Shell(
    {
      name: "test", journal, store, tab, ownerGrace: 10, kept: { age: 90 * 86_400_000, bytes: 50_000_000 }, tidyAfter: 60_000, ...more,
      owner: { id: "owner", leave() {}, release() {}, retake: async () => {} },
      events: {
        step: (input, step) => said.steps.push([input, step]),
        own() {},
        needs() {},
        inbox: (text) => said.inboxes.push(JSON.parse(text)),
        report: (code, message) => said.reports.push([code, message]),
        degraded: (to, error) => said.degraded.push([to, error.code]),
      },
      locale: () => "en",
      canDisplay: () => true,
      first: (resumes, lost) => [{ open: { consent: ALL, ...(lost && { lost }) } }, { install_playbook: { document } }, "host_state"],
    },
    queue,
  );
  return { shell, said, tab, journal, queue };
}

async function events(store, journal) {
  const { rows } = await store.page(0, 10_000);
  return rows.flatMap((row) => journal.lines(row, 0, false)).map(({ line }) => JSON.parse(line));
}

test("what is queued before the start is handled after the opening, in order", async () => {
  const store = new MemoryStore();
  const { shell, journal, said, queue } = shellOver(store);
  for (const note of ["a", "b"]) queue.push({ input: track(note), ctx: shell.moment(), spills: true });
  await shell.start(false, []);
  assert.deepEqual((await events(store, journal)).map(({ type, data }) => data.top_item ?? type), ["$consent", "$playbook_installed", "$session_start", "$app_open", "a", "b"]);
  assert.deepEqual(said.steps.map(([, { verdict }]) => verdict), Array(5).fill("accepted"));
  await shell.close();
});

test("a refused transaction is tried again three times with the same numbers, and nothing is told before it is stored", async () => {
  const store = new Refusing();
  const { shell, journal, said } = shellOver(store);
  await shell.start(false, []);
  const before = said.steps.length;
  store.visits = 0;
  store.refusals = [new DOMException("full", "QuotaExceededError"), new DOMException("full", "QuotaExceededError"), new DOMException("full", "QuotaExceededError")];
  shell.enqueue({ track: { name: "cart_updated", properties: { items: 1 } } }, true);
  assert.equal(await shell.mark(), true);
  assert.equal(store.visits, 4);
  assert.deepEqual(said.reports, []);
  const offers = said.steps.slice(before).flatMap(([, step]) => step.offered);
  assert.equal(offers.length, 1, "offered once, by the attempt that was stored");
  const lines = await events(store, journal);
  assert.equal(lines.filter(({ type }) => type === "cart_updated").length, 1);
  assert.deepEqual(lines.map(({ seq }) => seq), lines.map((_, place) => place + 1));
  const { rows } = await store.page(0, 100);
  const numbers = rows.map(({ json }) => JSON.parse(json).ctx.n);
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), "each input kept its number");
  await shell.close();
});

test("refused a fourth time, the batch is dropped by name and the tab goes on in memory, owing a gap", async () => {
  const store = new Refusing();
  const { shell, said, journal, tab } = shellOver(store);
  await shell.start(false, []);
  store.refusals = Array(4).fill(new DOMException("full", "QuotaExceededError"));
  let told = "nothing";
  shell.enqueue(track("lost"), true, (step) => (told = step));
  await shell.mark();
  assert.equal(told, undefined, "whoever waits is told that it was given up");
  assert.deepEqual(said.reports.map(([code]) => code), ["journal_gap"]);
  assert.match(said.reports[0][1], /1 inputs are lost/);
  assert.deepEqual(said.degraded, [["memory", "store_unavailable"]]);
  assert.equal(shell.store.durable, false);
  assert.equal(tab.owed, "store_unavailable");
  shell.enqueue(track("after"), true);
  await shell.mark();
  const lines = await events(shell.store, journal);
  assert.deepEqual(lines.map(({ type, data }) => data.top_item ?? data.reason ?? type), ["store_unavailable", "after"], "the state went along, so nobody is asked for consent again");
  await shell.close();
});

test("a trap gets one fresh instance; after the second the engine is given up", async () => {
  const store = new MemoryStore();
  class Trapping extends Journal {
    traps = 0;
    replaced = 0;
    async handle(...given) {
      if (this.traps-- > 0) {
        this.replaceInstance();
        throw new Trap("unreachable");
      }
      return super.handle(...given);
    }
    replaceInstance() {
      this.replaced += 1;
      super.replaceInstance();
    }
  }
  const journal = new Trapping(module, "owner");
  const { shell, said } = shellOver(store, { journal });
  await shell.start(false, []);
  journal.traps = 1;
  shell.enqueue(track("once"), true);
  assert.equal(await shell.mark(), true);
  assert.deepEqual([said.reports.map(([code]) => code), said.degraded, journal.replaced], [["engine_restarted"], [], 1]);
  assert.equal((await events(store, journal)).at(-1).data.top_item, "once");
  journal.traps = 1;
  shell.enqueue(track("never"), true);
  assert.equal(await shell.mark(), false);
  assert.deepEqual(said.degraded, [["none", "engine_failed"]]);
  assert.equal(shell.enqueue(track("later"), true), false);
  assert.equal((await events(store, journal)).at(-1).data.top_item, "once");
});

test("what another tab did is looked at again after a trap", async () => {
  const store = new MemoryStore();
  class Trapping extends Journal {
    looks = [];
    async look(store) {
      this.looks.push(Boolean(this.trap));
      if (!this.trap) return super.look(store);
      this.trap = false;
      this.replaceInstance();
      throw new Trap("unreachable");
    }
  }
  const journal = new Trapping(module, "owner");
  const { shell, said } = shellOver(store, { journal });
  await shell.start(false, []);
  // Another tab takes back what this one was given.
  const other = new Journal(module, "other");
  await other.handle(store, [{ input: { consent: { purposes: ["analytics"] } }, ctx: shell.moment(), spills: false }], "strict");
  journal.trap = true;
  await shell.reclaim();
  await shell.mark();
  assert.deepEqual(journal.looks, [true, false]);
  assert.deepEqual(said.reports.map(([code]) => code), ["engine_restarted"]);
  assert.deepEqual(journal.engine.person().consent, ["analytics"]);
  await shell.close();
});

test("a head checkpoint stands every 200 records, and the fold from it is the fold from the start", async () => {
  const store = new MemoryStore();
  let widest = 0;
  const visit = store.visit.bind(store);
  store.visit = (one, durability) => visit({ ...proxy(one), all: () => one.all?.(), handle: one.handle && ((head, rows) => {
    const writes = one.handle(head, rows);
    const seq = writes.rows.at(-1)?.last ?? head.seq;
    widest = Math.max(widest, seq - (writes.checkpoint?.seq ?? head.checkpoint));
    return writes;
  }) }, durability);
  const { shell, journal } = shellOver(store);
  await shell.start(false, []);
  for (let n = 0; n < 2_500; n++) shell.enqueue(track(`${n}`), true);
  await shell.mark();
  assert.ok(widest > 100 && widest <= 300, `${widest} records after the last checkpoint`);
  const again = new Journal(module, "owner");
  const batch = await again.look(store);
  assert.equal(batch.restarted, true);
  assert.equal(again.engine.checkpoint(), journal.engine.checkpoint());
  await shell.close();
});

test("a trap in a question is whoever asked's; the page goes on in another instance", async () => {
  const store = new MemoryStore();
  const { shell, said, journal } = shellOver(store);
  await shell.start(false, []);
  const { engine } = journal;
  await assert.rejects(shell.query(() => { throw new Trap("unreachable"); }), { name: "Trap" });
  shell.enqueue(track("next"), true);
  assert.equal(await shell.mark(), true);
  assert.notEqual(journal.engine, engine);
  assert.deepEqual([said.reports, said.degraded], [[], []]);
  assert.equal((await events(store, journal)).at(-1).data.top_item, "next");
  await shell.close();
});

test("what is tried again is not taken for a repetition, though the host's own values go before it", async () => {
  const store = new Refusing();
  const told = [];
  const journal = new Journal(module, "owner", () => (told.push(1), [{ input: { screen: { name: "told" } }, ctx: shell.moment(), spills: false }]));
  const { shell, said } = shellOver(store, { journal });
  await shell.start(false, []);
  for (const note of ["a", "b"]) shell.enqueue(track(note), true);
  store.refusals = [new DOMException("full", "QuotaExceededError")];
  await shell.mark();
  assert.ok(told.length > 0);
  assert.deepEqual(said.steps.map(([, { verdict }]) => verdict).filter((verdict) => verdict !== "accepted"), []);
  assert.deepEqual((await events(store, journal)).map(({ data }) => data.top_item).filter(Boolean), ["a", "b"]);
  await shell.close();
});

test("a full queue refuses what an app tracks first, and last what a person saw or did", () => {
  const queue = new Queue();
  const ctx = {};
  const push = (input) => queue.push({ input, ctx, spills: true });
  for (let n = 0; n < CAPACITY - RESERVED; n++) assert.ok(push(track("x")));
  assert.equal(push(track("x")), false);
  assert.equal(push({ attribute: { name: "tier", value: "gold" } }), false);
  for (let n = 0; n < RESERVED; n++) assert.ok(push({ visible: { presentation_id: "p" } }));
  assert.equal(push({ consent: { purposes: [] } }), false);
  assert.equal(queue.length, CAPACITY);
});

test("a choice of one purpose adds to those before it, waits as it was made, and goes on to the next document", async () => {
  const store = new MemoryStore();
  const { shell, journal, said, queue } = shellOver(store);
  const only = (choice) => ({ consent: { only: choice, purge: false } });
  // Before anything is open, and one after the other.
  queue.push({ input: only({ analytics: true, messaging: false }), ctx: shell.moment(), spills: true });
  await shell.start(false, []);
  shell.enqueue(only({ personalization: false }), true);
  await shell.mark();
  const chosen = said.steps.map(([input]) => input.consent?.purposes).filter(Boolean);
  assert.deepEqual(chosen, [["analytics", "personalization"], ["analytics"]]);
  shell.enqueue(only({ messaging: true }), true);
  shell.leave();
  const [left] = queue.spilled("owner");
  assert.deepEqual(left.input, only({ messaging: true }));
  const next = new Journal(module, "owner");
  const own = [{ input: { open: { consent: ALL } }, ctx: shell.moment(), spills: false }];
  await next.handle(store, [], "strict", { own, spill: [left] });
  assert.deepEqual(next.engine.person().consent, ["analytics", "messaging"]);
  assert.deepEqual((await events(store, next)).filter(({ type }) => type === "$consent").map(({ data }) => data.purposes.length), [3, 2, 1, 2]);
});

test("only what a person or an app said goes on to the next document", () => {
  const queue = new Queue();
  queue.push({ input: track("x"), ctx: { n: 3 }, spills: true });
  queue.push({ input: "host_state", ctx: { n: 4 }, spills: false });
  queue.push({ ctx: {}, spills: false });
  assert.deepEqual(queue.spilled("me"), [{ owner: "me", input: track("x"), ctx: { n: 3 } }]);
});

test("an input that waited longer than the clock's slack happens now, and an event keeps its own instant", () => {
  const ctx = { now: 10_000, n: 7, entropy: "e" };
  const event = track("x");
  assert.deepEqual(settle(event, ctx, 11_000), { input: event, ctx });
  assert.deepEqual(settle(event, ctx, 11_001), { input: { track: { ...event.track, at: 10_000 } }, ctx: { now: 11_001, n: 7, entropy: "e" } });
  const seen = { visible: { presentation_id: "p" } };
  assert.deepEqual(settle(seen, ctx, 20_000), { input: seen, ctx: { ...ctx, now: 20_000 } });
  assert.deepEqual(settle("tick", ctx, 5_000), { input: "tick", ctx }, "a clock that was set back is the engine's to judge");
});

test("a late input makes no clock step, though another tab wrote meanwhile", async () => {
  const store = new MemoryStore();
  const { shell, journal } = shellOver(store);
  await shell.start(false, []);
  const late = { input: track("late"), ctx: { ...shell.moment(), now: Date.now() - 60_000 }, spills: true };
  await journal.handle(store, [late], "relaxed");
  const lines = await events(store, journal);
  assert.deepEqual(lines.filter(({ type }) => type === "$clock_step"), []);
  assert.equal(lines.at(-1).ts, late.ctx.now);
  await shell.close();
});

test("what a document left: first in its own journal, after the opening in an empty one, and never twice", async () => {
  const left = (owner, n, note) => ({ owner, input: track(note), ctx: { now: Date.now(), offset_min: 0, entropy: "7".repeat(32), locale: "en", can_display: true, ...(n && { n }) } });
  const own = () => [{ input: { open: { consent: ALL } }, ctx: { ...left("x").ctx }, spills: false }];
  const types = async (store, journal) => (await events(store, journal)).map(({ type, data }) => data.top_item ?? type).filter((type) => !/session|app_open/.test(type));
  const item = ({ input, ctx }) => ({ input, ctx, spills: true });

  const empty = new MemoryStore();
  const first = new Journal(module, "me");
  await first.handle(empty, [], "relaxed", { own: own(), spill: [left("me", 1, "a"), left("me", 2, "b")] });
  assert.deepEqual(await types(empty, first), ["$consent", "a", "b"], "its numbers mean nothing where nothing was stored");

  const store = new MemoryStore();
  const before = new Journal(module, "me");
  await before.handle(store, [...own(), item(left("me", 0, "stored"))], "relaxed");
  assert.equal(before.engine.lastN, 2);
  const next = new Journal(module, "me");
  const spill = [left("me", 2, "stored"), left("me", 3, "kept"), left("me", 0, "never numbered")];
  await next.handle(store, [item(left("me", 0, "new"))], "relaxed", { own: own(), spill });
  assert.deepEqual(await types(store, next), ["$consent", "stored", "kept", "never numbered", "new"]);

  const other = new Journal(module, "another");
  await other.handle(store, [], "relaxed", { own: own(), spill: [left("me", next.engine.lastN, "new"), left("me", next.engine.lastN + 1, "fresh")] });
  assert.deepEqual((await types(store, other)).slice(4), ["new", "fresh"], "another owner still knows what was stored");
});

test("an erasure empties the store in the write that records it, and the journal goes on under another name", async () => {
  const store = new MemoryStore();
  const { shell, journal, said } = shellOver(store);
  await shell.start(false, []);
  shell.enqueue(track("secret"), true);
  await shell.mark();
  const before = (await store.page(0, 1)).journal;
  await store.acknowledge(before, 1);
  shell.enqueue(track("secret too"), true);
  const step = new Promise((resolve) => shell.enqueue("erase", true, resolve));
  shell.enqueue({ install_playbook: { document } }, false);
  shell.enqueue(track("after"), true);
  await shell.mark();
  const { receipt, erased } = await step;
  assert.equal(erased, true);
  assert.match(receipt.profiles[0], /^[0-9a-f-]{36}$/);
  const page = await store.page(0, 100);
  assert.notEqual(page.journal, before);
  const lines = await events(store, journal);
  assert.deepEqual(lines.map(({ seq, type, data }) => [seq, data.top_item ?? type]), [[1, "$erase"], [2, "$consent"], [3, "$playbook_installed"], [4, "$session_start"], [5, "$app_open"], [6, "after"]]);
  assert.equal(page.rows.some(({ json }) => json.includes("secret")), false);
  assert.deepEqual(said.reports, []);
  const other = new Journal(module, "other");
  await other.look(store);
  assert.equal(other.engine.checkpoint(), journal.engine.checkpoint());
  await shell.close();
});

test("with `purge` what was recorded before is no longer exported, in the same write", async () => {
  const store = new MemoryStore();
  const { shell, journal } = shellOver(store);
  await shell.start(false, []);
  shell.enqueue(track("before"), true);
  shell.enqueue({ consent: { purposes: ALL, purge: true } }, true);
  shell.enqueue(track("after"), true);
  await shell.mark();
  assert.deepEqual((await events(store, journal)).map(({ type, data }) => data.top_item ?? type), ["$consent", "after"]);
  await shell.close();
});

test("an engine that starts again hears of the host again before it decides", async () => {
  const store = new Refusing();
  const told = [];
  const journal = new Journal(module, "owner", () => (told.push(1), [{ input: { host_state: { host: { platform: "web" } } }, ctx: shell.moment(), spills: false }]));
  const { shell, said } = shellOver(store, { journal });
  await shell.start(false, []);
  assert.equal(told.length, 0, "its opening says so itself");
  store.refusals = [new DOMException("no", "AbortError")];
  shell.enqueue(track("x"), true);
  await shell.mark();
  assert.equal(told.length, 1);
  assert.deepEqual(said.steps.slice(-2).map(([input]) => Object.keys(input)[0]), ["host_state", "track"]);
  await shell.close();
});

test("the inbox is told when it may have changed, by this tab, by another, or by time", async () => {
  const campaign = { id: "card", channel: ["inbox"], trigger: { event: "cart_updated" }, message: "m" };
  const cards = JSON.stringify({ spec: 1, id: "shop", revision: 99, plan: { mode: "open" }, campaigns: [campaign], messages: { m: { layout: "card", pages: [[{ heading: "A card" }]] } } });
  const store = new MemoryStore();
  const { shell, said } = shellOver(store);
  await shell.start(false, []);
  shell.enqueue({ install_playbook: { document: cards } }, false);
  shell.enqueue(track("x"), true);
  await shell.mark();
  const card = said.inboxes.at(-1).cards[0];
  assert.deepEqual([card.campaign, card.message.pages[0].blocks, said.inboxes.at(-1).unread], ["card", [{ heading: "A card" }], 1]);
  const seen = said.inboxes.length;
  const other = new Journal(module, "other");
  await other.look(store);
  await other.handle(store, [{ input: { card: { card: card.card, action: "read" } }, ctx: shell.moment(), spills: true }], "strict");
  shell.enqueue({ card: { card: card.card, action: "snooze", lasts: "1h" } }, true);
  await shell.mark();
  assert.equal(said.inboxes.length, seen + 1, "one for both");
  assert.deepEqual(said.inboxes.at(-1), { cards: [], unread: 0 });
  await shell.close();
});

test("counters that a playbook adds are seeded from the rows that are left, of this batch too", async () => {
  const store = new MemoryStore();
  const { shell, journal } = shellOver(store);
  await shell.start(false, []);
  shell.enqueue(track("one"), true);
  await shell.mark();
  const audience = { $history: { event: "cart_updated", within: "1d", count: { $gte: 2 } } };
  const campaign = { id: "twice", channel: ["inbox"], trigger: { event: "seen" }, audience, message: "m" };
  const next = { spec: 1, id: "shop", revision: 99, plan: { mode: "open" }, campaigns: [campaign], messages: { m: { layout: "card", pages: [[{ heading: "Twice" }]] } } };
  shell.enqueue(track("two"), true);
  shell.enqueue({ install_playbook: { document: JSON.stringify(next) } }, false);
  shell.enqueue({ track: { name: "seen", properties: {} } }, true);
  await shell.mark();
  assert.equal(journal.engine.inbox(shell.moment()).unread, 1);
  await shell.close();
});

/** A journal of notes, one day each from the first on, in a store; and the state that it folds to. */
async function diary(store, days) {
  const today = Date.now();
  const day = 86_400_000;
  const { now } = Date;
  Date.now = () => today - days * day;
  const { shell, journal } = shellOver(store);
  await shell.start(false, []);
  for (let n = days; n > 0; n--) {
    Date.now = () => today - n * day;
    shell.enqueue({ attribute: { name: "tier", value: `on day ${n}` } }, false);
    for (let k = 0; k < 10; k++) shell.enqueue(track(`day ${n}, ${k} ${"x".repeat(100)}`), false);
    await shell.mark();
  }
  Date.now = now;
  await shell.close();
  return journal;
}
const notes = async (store, journal) => (await events(store, journal)).filter(({ type }) => type === "cart_updated").map(({ data }) => data.top_item);

for (const [what, kept, isLeft] of [
  ["age", { age: 3.5 * 86_400_000, bytes: 1e9 }, (bytes, left) => left === 30],
  ["size", { age: 1e12, bytes: 20_000 }, (bytes, left) => bytes < 20_000 && bytes > 12_000 && left > 10],
]) {
  test(`what is kept by ${what}: the oldest goes, the journal says what was lost before, and what it told is still known`, async () => {
    const store = new MemoryStore();
    await diary(store, 8);
    const size = (await store.page(0, 1)).bytes;
    const { shell, journal, said } = shellOver(store, { kept, tidyAfter: 1 });
    await shell.start(false, []);
    const before = JSON.parse(journal.engine.checkpoint()).state;
    for (let n = 0; n < 200 && !said.reports.length; n++) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(said.reports.map(([code]) => code), ["journal_gap"]);
    const { bytes, rows } = await store.page(0, 10_000);
    const left = await notes(store, journal);
    assert.ok(isLeft(bytes, left.length), `${size} characters became ${bytes}, and ${left.length} notes are left`);
    assert.equal(left.at(-1).startsWith("day 1, 9"), true, "the newest is kept");
    const gap = (await events(store, journal)).find(({ type, data }) => type === "$journal_gap" && data.reason === "retention");
    assert.deepEqual([gap.data.from, gap.data.to], [1, JSON.parse(rows[0].json).first - 1], "exactly what went");
    // A fold of what is left comes to the same.
    await shell.close();
    const again = shellOver(store);
    await again.shell.start(false, []);
    const after = JSON.parse(again.journal.engine.checkpoint()).state;
    assert.deepEqual(Object.values(after.profiles)[0].attributes, Object.values(before.profiles)[0].attributes);
    await again.shell.close();
  });
}

test("what was delivered goes without a word, and what is neither old nor too much stays", async () => {
  const store = new MemoryStore();
  const journal = await diary(store, 1);
  const { journal: id, rows } = await store.page(0, 10_000);
  await store.acknowledge(id, rows[4].last);
  const { shell, said } = shellOver(store, { journal, tidyAfter: 1 });
  await shell.start(false, []);
  for (let n = 0; n < 100 && (await store.page(0, 1)).bytes === rows.reduce((sum, { json }) => sum + json.length, 0); n++) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(said.reports, []);
  assert.equal((await store.page(0, 10_000)).rows[0].last, rows[5].last);
  await shell.close();
});
