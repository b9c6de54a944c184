// The same in three engines: the vectors, the store, a whole visit, and what several tabs do to each other; keyboard.test.mjs
// and looks.test.mjs see every layout. What Chromium alone can be made to do stands in the other files.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { bundleInternals } from "../../../bindings/web/test/support/internals.mjs";
import { cases as storeCases } from "../../../bindings/web/test/support/store-suite.mjs";
import { pause, until } from "../support/browser.mjs";
import { ENGINES, openEngine } from "../support/engines.mjs";
import { playbook } from "../support/playbook.mjs";
import { message, openShop, press as pressIn } from "../support/shop.mjs";
import { serve } from "../support/server.mjs";

const PICTURES = process.env.PICTURES;
const { cases } = JSON.parse(readFileSync(new URL("../../vectors/index.json", import.meta.url), "utf8"));
const INTERNALS = ["export.ts", "shell/journal.ts", "shell/queue.ts", "shell/shell.ts", "shell/tabstore.ts", "store/indexeddb.ts", "store/store.ts"];

let server;
before(async () => {
  server = await serve({
    "/internals.js": await bundleInternals(INTERNALS),
    "/playbook.json": JSON.stringify(playbook()),
    "/often.json": JSON.stringify(playbook({ caps: { thrice: { max: 3, per: "1d" } }, limit: { times: 100 } })),
  });
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
});
after(() => server?.close());

for (const name of ENGINES) describe(name, () => engine(name));

function engine(name) {
  let browser;
  before(async () => {
    browser = await openEngine(name);
  });
  after(() => browser?.close());

  const ready = async (tab) => (await until("the page is ready", () => tab.eval(() => window.ready === true || window.t?.ready === true)), tab);
  const page = async (path, options) => ready(await browser.tab(`${server.url}${path}`, options));
  const app = (query, options) => page(`/index.html?${new URLSearchParams(query)}`, options);
  const kinds = async (tab, ...wanted) => (await tab.eval(() => t.lines())).map((line) => JSON.parse(line)).filter(({ type }) => wanted.includes(type)).map(({ type, data }) => (data.cause ? `${type} ${data.cause}` : type));
  const stands = (tab) => tab.eval(() => Boolean(t.dialog()));
  const track = (tab, properties) => tab.eval((given) => t.client.track("cart_updated", given), properties);

  // Chromium's have files of their own.
  if (name !== "chromium") {
    test("every vector, by the engine and through the shell over IndexedDB", async () => {
      const tab = await page("/vectors.html");
      for (const which of cases) {
        assert.deepEqual(await tab.eval((which) => window.run(which), which), [], which);
        assert.deepEqual(await tab.eval((which) => window.runShell(which), which), [], `${which}, through the shell`);
      }
      await tab.close();
    });

    test("the store's contract, and a fault at each write", async () => {
      const tab = await page("/store.html");
      for (const which of Object.keys(storeCases)) await tab.eval((which) => window.run(which), which);
      assert.deepEqual(await tab.eval(() => window.aborts()), { visit: 8, acknowledge: 2, prune: 5, setAside: 5 });
      await tab.close();
    });
  }

  test("a whole visit of the shop", async () => {
    const shop = await openShop();
    try {
      const tab = await browser.tab(shop.url);
      const picture = (what) => (PICTURES ? tab.picture(`${PICTURES}/${name}-shop-${what}.png`) : undefined);
      const messages = () => message(tab);
      const press = (text) => pressIn(tab, text);
      await until("the welcome", async () => (await messages()) === "Welcome to the shop");
      await picture("home");
      await press("Behind the scenes");
      await press("Ann signs in");
      await press("See what is new");
      await press("An hour passes");
      await press("Look at Harbour lamp");
      await until("the question", async () => (await messages()) === "May we measure what works?");
      await press("Yes");
      await press("Add Harbour lamp to the cart");
      await tab.eval(() => window.hearken.flush());
      await press("An hour passes");
      await until("the reminder", async () => (await messages()) === "10 % off, today only");
      await pause(1_300);
      await picture("reminder");
      await press("Back to the cart");
      await press("Check out");
      await press("Order");
      await press("Account");
      await until("how far to gold", () => tab.eval(() => document.querySelector("hearken-placement").shadowRoot.querySelector("progress")?.value === 640));
      await picture("account");
      const told = await tab.eval(async () => {
        const lines = [];
        for await (const batch of window.hearken.export()) lines.push(...batch.records.map((line) => JSON.parse(line)));
        return lines.filter(({ type }) => ["$shown", "order_completed", "offer_accepted"].includes(type)).map(({ type, data }) => [type, data.campaign].filter(Boolean).join(" "));
      });
      assert.deepEqual(told.slice(0, 3), ["$shown cart-reminder", "offer_accepted", "order_completed"]);
      await tab.close();
    } finally {
      shop.close();
    }
  });

  test("five tabs at once: one display, caps shared, nothing lost or twice, though one is closed while it writes", async () => {
    const tabs = [];
    for (let n = 0; n < 5; n++) tabs.push(await app({ name: "five" }));
    await tabs[4].front();
    await Promise.all(tabs.map((tab, place) => tab.eval((place) => {
      for (let n = 0; n < 60; n++) t.client.track("cart_updated", { items: 1, note: `${place} ${n}` });
    }, place)));
    await tabs[0].close();
    await Promise.all(tabs.slice(1).map((tab) => tab.eval(() => t.client.flush())));
    const lines = (await tabs[4].eval(() => t.lines())).map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ seq }) => seq), lines.map((_, place) => place + 1), "no gap");
    assert.equal(lines.filter(({ type }) => type === "$displaying").length <= 1, true, "one display");
    assert.equal(lines.filter(({ type }) => type === "$use_committed").length <= 1, true, "one use");
    for (const place of [1, 2, 3, 4]) assert.equal(lines.filter(({ type, data }) => type === "cart_updated" && data.note?.startsWith(`${place} `)).length, 60, `tab ${place}`);
    const notes = lines.filter(({ data }) => data.note?.startsWith("0 ")).map(({ data }) => data.note);
    assert.equal(new Set(notes).size, notes.length, "what the closed one wrote stands once");
    assert.deepEqual(notes, Array.from({ length: notes.length }, (_, n) => `0 ${n}`), "and in order, from its beginning");
    assert.equal((await Promise.all(tabs.slice(1).map(stands))).filter(Boolean).length <= 1, true);
    await Promise.all(tabs.slice(1).map((tab) => tab.close()));
  });

  test("a reload, and the next page, draw the same message again and spend nothing", async () => {
    const tab = await app({ name: "again" });
    await track(tab, { items: 1 });
    await until("it is drawn", () => stands(tab));
    await until("it is seen", () => tab.eval(() => t.shown.length > 0));
    const [{ id }] = await tab.eval(() => t.offers);
    for (const leave of [() => tab.reload(), () => tab.go(`${server.url}/index.html?name=again&next=1`)]) {
      await leave();
      await ready(tab);
      await until("it stands again", () => stands(tab));
      assert.deepEqual(await tab.eval(() => t.offers), [{ id, campaign: "offer", resumed: true }]);
    }
    await tab.eval(() => t.client.flush());
    assert.deepEqual(await kinds(tab, "$use_reserved", "$use_committed", "$use_refunded", "$shown", "$ended"), ["$use_reserved", "$use_committed", "$shown"]);
    await tab.close();
  });

  /** Leaves as a person does: by a link. WebKit caches nothing that its driver navigates away from. */
  const leave = async (tab) => {
    await tab.eval((url) => void setTimeout(() => location.assign(url)), `${server.url}/blank.html`);
    await until("the next page is there", () => tab.eval(() => location.pathname === "/blank.html"));
  };
  const comeBack = async (tab) => {
    await tab.back();
    await ready(tab);
    assert.equal(await tab.eval(() => window.kept), true, "this was the cache");
  };
  const notes = async (tab) => (await tab.eval(() => t.lines())).map((line) => JSON.parse(line).data.note).filter(Boolean);

  test("there and back: the page comes from the cache and goes on with its message and its journal", async () => {
    const tab = await app({ name: "cached", playbook: "/often.json" });
    await tab.eval(() => void (window.kept = true));
    await track(tab, { items: 1 });
    await until("it is seen", () => tab.eval(() => t.shown.length > 0));
    for (const note of ["back", "back again"]) {
      await leave(tab);
      await comeBack(tab);
      await until("its message stands", () => stands(tab));
      await track(tab, { items: 0, note });
      await tab.eval(() => t.client.flush());
    }
    assert.deepEqual(await notes(tab), ["back", "back again"]);
    assert.deepEqual(await kinds(tab, "$use_reserved", "$shown", "$ended"), ["$use_reserved", "$shown"]);
    await tab.close();
  });

  test("a page that is cached while it writes blocks no other tab, and what it had said stands once, in order", async () => {
    const tab = await app({ name: "midway", headless: "" });
    const other = await app({ name: "midway", headless: "" });
    await tab.front();
    const said = Array.from({ length: 300 }, (_, n) => `said ${n}`);
    await tab.eval((said, url) => {
      window.kept = true;
      // In the middle of its own transactions.
      setTimeout(() => {
        for (const note of said) t.client.track("cart_updated", { items: 0, note });
        location.assign(url);
      });
    }, said, `${server.url}/blank.html`);
    await until("the next page is there", () => tab.eval(() => location.pathname === "/blank.html"));
    await track(other, { items: 0, note: "meanwhile" });
    await other.eval(() => t.client.flush());
    assert.deepEqual(await other.eval(() => t.reports), []);
    await comeBack(tab);
    await tab.eval(() => t.client.flush());
    const all = await notes(tab);
    assert.deepEqual(all.filter((note) => note !== "meanwhile"), said);
    assert.equal(all.filter((note) => note === "meanwhile").length, 1);
    await tab.close();
    await other.close();
  });

  test("a user switch takes the other person's message off the screen", async () => {
    const tab = await app({ name: "switch" });
    await tab.eval(() => t.client.identify("u-1"));
    await track(tab, { items: 1 });
    await until("it is drawn", () => stands(tab));
    await tab.eval(() => t.client.identify("u-2"));
    await until("it is gone", async () => !(await stands(tab)));
    await tab.close();
  });

  test("offline, the last good playbook stays in force and everything is recorded", async () => {
    const first = await app({ name: "offline" });
    await first.eval(() => t.client.flush());
    await first.close();
    const tab = await app({ name: "offline", playbook: "/gone.json" });
    assert.deepEqual((await tab.eval(() => t.reports)).map(({ code }) => code), ["playbook_unreachable"]);
    await track(tab, { items: 1 });
    await until("it is drawn", () => stands(tab));
    await tab.close();
  });

  test("what no export takes is kept as long, and as much, as is said; what goes is named in the journal first, and what it told stays known", async () => {
    const day = 86_400_000;
    const first = await app({ name: "kept", ago: `${10 * day}` });
    await first.eval(() => {
      t.client.attribute("tier", "gold");
      for (let n = 0; n < 300; n++) t.client.track("cart_updated", { items: 0, note: `old ${n}` });
    });
    await first.eval(() => t.client.flush());
    await first.close();
    const tab = await app({ name: "kept", kept: JSON.stringify({ age: "5d" }), tidy: "50" });
    await track(tab, { items: 0, note: "new" });
    await until("it is said", () => tab.eval(() => t.reports.some(({ code }) => code === "journal_gap")));
    const lines = async () => (await tab.eval(() => t.lines())).map((line) => JSON.parse(line));
    await until("the old ones are gone", async () => !(await lines()).some(({ data }) => data.note?.startsWith("old")));
    const left = await lines();
    const gap = left.find(({ type }) => type === "$journal_gap");
    assert.deepEqual(gap.data, { reason: "retention", from: 1, to: left[0].seq - 1 });
    assert.equal(left.some(({ data }) => data.note === "new"), true);
    // A page that opens now starts from the base, and still knows.
    const again = async (tidy) => {
      await tab.go(`${server.url}/index.html?${new URLSearchParams({ name: "kept", kept: JSON.stringify({ bytes: 6_000 }), tidy })}`);
      await ready(tab);
    };
    await again("3600000");
    assert.equal(await tab.eval(async () => (await t.client.person()).attributes.tier), "gold");
    await tab.eval(() => {
      for (let n = 0; n < 100; n++) t.client.track("cart_updated", { items: 0, note: `many ${n}` });
    });
    await tab.eval(() => t.client.flush());
    await again("50");
    await until("there is too much", () => tab.eval(() => t.reports.some(({ code }) => code === "journal_gap")));
    await until("some went", async () => !(await lines()).some(({ data }) => data.note === "many 0"));
    assert.equal((await lines()).some(({ data }) => data.note === "many 99"), true);
    assert.equal(await tab.eval(async () => (await t.client.person()).attributes.tier), "gold");
    await tab.close();
  });

  test("a full disk: the page goes on in memory, says so, and shows nothing that it could not remember", async () => {
    const tab = await app({ name: "quota" });
    await tab.eval(() => {
      for (const method of ["add", "put"]) IDBObjectStore.prototype[method] = () => { throw new DOMException("full", "QuotaExceededError"); };
    });
    await track(tab, { items: 1 });
    await until("it says so", () => tab.eval(() => t.reports.some(({ code }) => code === "store_unavailable")));
    assert.deepEqual(await tab.eval(() => t.client.track("cart_updated", { items: 2 })), { verdict: "queued" });
    const why = await tab.eval(() => t.client.explain("offer"));
    assert.equal(why.last?.reason?.code, "store_unavailable", JSON.stringify(why));
    assert.equal(await stands(tab), false);
    await tab.close();
  });

  test("blocked storage: no database, no session storage, and no exception", async () => {
    const tab = await app({ name: "blocked", noidb: "", nosession: "" });
    assert.equal((await tab.eval(() => t.status)).store, "memory");
    assert.deepEqual(await tab.eval(() => t.client.track("cart_updated", { items: 1 })), { verdict: "queued" });
    await until("it is handled", () => tab.eval(() => t.decisions.length > 0));
    assert.equal((await tab.eval(() => t.decisions))[0].reason.code, "store_unavailable");
    await tab.close();
  });
}
