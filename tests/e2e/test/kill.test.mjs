// Tabs are killed at random instants, fifty times. Whatever happens: what flush() confirmed is there, once; no cap is
// exceeded; every presentation ends once; exports repeat byte for byte, and end at what was acknowledged.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Tab } from "../support/app.mjs";
import { launch, pause, until } from "../support/browser.mjs";
import { playbook } from "../support/playbook.mjs";
import { serve } from "../support/server.mjs";

const ROUNDS = 50;
const CAP = 15;
const seed = Number(process.env.HEARKEN_SEED ?? Date.now() % 2 ** 31);

let chromium;
let server;
before(async () => {
  server = await serve({ "/playbook.json": JSON.stringify(playbook({ caps: { most: { max: CAP, per: "1d" } }, limit: { times: 1000 } })) });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

/** mulberry32: a failed run can be run again with its seed. */
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tracks in small groups, and says what flush() confirmed. */
function busy(tab, label) {
  return tab.eval((who) => {
    let n = 0;
    const run = async () => {
      for (;;) {
        const notes = Array.from({ length: 4 }, () => `${who}-${n++}`);
        for (const note of notes) t.client.track("cart_updated", { items: n % 5 === 0 ? 1 : 0, note });
        await t.client.flush();
        console.debug(`confirmed ${notes.join(" ")}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    void run();
  }, label);
}

test(`${ROUNDS} tabs killed at random instants (seed ${seed})`, async () => {
  const next = random(seed);
  const confirmed = new Set();
  const delivered = new Map();
  let acknowledged = 0;
  const query = { name: "kill", grace: 150 };
  const hear = (tab) => tab.page.on("console", (message) => message.text().startsWith("confirmed ") && message.text().slice(10).split(" ").forEach((note) => confirmed.add(note)));

  const export_ = async (tab) => {
    const lines = await tab.eval(() => t.lines());
    for (const line of lines) {
      const { id, seq } = JSON.parse(line);
      assert.ok(seq > acknowledged, `record ${seq} returned after ${acknowledged} was acknowledged`);
      if (delivered.has(id)) assert.equal(line, delivered.get(id), "the same bytes again");
      delivered.set(id, line);
    }
    return lines;
  };

  let companion = await Tab.open(chromium.browser, server.url, query);
  hear(companion);
  await busy(companion, "companion-0");
  for (let round = 0; round < ROUNDS; round++) {
    const victim = await Tab.open(chromium.browser, server.url, query);
    hear(victim);
    await busy(victim, `victim-${round}`);
    // Once in a while the message is really seen first.
    await pause(next() < 0.15 ? 1_100 + next() * 400 : next() * 250);
    if (next() < 0.25) {
      await victim.page.reload();
      await busy(victim, `reloaded-${round}`);
      await pause(next() * 150);
    }
    if (next() < 0.3) {
      // The one that stayed goes, the new one stays.
      await kill(companion.page);
      companion = victim;
    } else {
      await kill(victim.page);
    }
    if (round % 10 === 9) {
      await export_(companion);
      acknowledged = await companion.eval(async () => {
        const batches = t.client.export({ max: 100 });
        const { value } = await batches.next();
        await value?.acknowledge();
        await batches.return();
        return value?.to ?? 0;
      }).then((to) => Math.max(acknowledged, to));
    }
  }
  await kill(companion.page);

  const last = await Tab.open(chromium.browser, server.url, { ...query, headless: "" });
  await until("every presentation is over but this tab's", async () => {
    const offers = (await last.look("offers")).length;
    const lines = await export_(last);
    const all = [...delivered.values()].map((line) => JSON.parse(line));
    const count = (kind) => all.filter(({ type }) => type === kind).length;
    return lines && count("$use_reserved") - count("$ended") === offers;
  });

  const all = [...delivered.values()].map((line) => JSON.parse(line)).sort((a, b) => a.seq - b.seq);
  assert.deepEqual(all.map(({ seq }) => seq), all.map((_, place) => place + 1), "no gap, no repeat");
  const notes = all.filter(({ type }) => type === "cart_updated").map(({ data }) => data.note);
  assert.equal(new Set(notes).size, notes.length, "nothing twice");
  const stored = new Set(notes);
  assert.deepEqual([...confirmed].filter((note) => !stored.has(note)), [], "nothing that was confirmed is lost");
  assert.ok(confirmed.size > ROUNDS, `${confirmed.size} were confirmed`);

  const uses = new Map();
  const ended = new Map();
  let most = 0;
  for (const { id, type, data } of all) {
    if (type === "$use_reserved") uses.set(id, "reserved");
    if (type === "$use_committed") uses.set(data.presentation_id, "committed");
    if (type === "$use_refunded") uses.delete(data.presentation_id);
    if (type === "$ended") ended.set(data.presentation_id, (ended.get(data.presentation_id) ?? 0) + 1);
    most = Math.max(most, uses.size);
  }
  assert.ok(most <= CAP, `${most} uses at once, ${CAP} are allowed`);
  assert.ok(most > 1, "the kills met messages");
  assert.deepEqual([...new Set(ended.values())], [1], "ended exactly once");
  const orphans = all.filter(({ type, data }) => type === "$ended" && data.cause === "orphan").length;
  assert.ok(orphans > 0, "some were resolved by another tab");

  await last.eval(async () => {
    for await (const batch of t.client.export({ max: 100 })) await batch.acknowledge();
  });
  await last.page.reload();
  await last.ready();
  acknowledged = all.at(-1).seq;
  await export_(last);
});

async function kill(page) {
  const session = await page.createCDPSession();
  const dead = new Promise((resolve) => page.once("error", resolve));
  // The answer never comes: the page is gone.
  session.send("Page.crash").catch(() => {});
  await dead;
}
