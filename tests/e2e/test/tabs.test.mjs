// Several tabs over one journal: owners, locks, reloads, the back-forward cache, spills (engine.md 6.2, 11.3).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Tab } from "../support/app.mjs";
import { launch, pause, until } from "../support/browser.mjs";
import { playbook } from "../support/playbook.mjs";
import { serve } from "../support/server.mjs";

let chromium;
let server;
before(async () => {
  server = await serve({
    "/playbook.json": JSON.stringify(playbook()),
    "/two.json": JSON.stringify(two()),
    "/often.json": JSON.stringify(playbook({ caps: { thrice: { max: 3, per: "1d" } }, limit: { times: 100 } })),
  });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

/** Another campaign beside the first. */
function two() {
  const document = playbook({ caps: {} });
  document.campaigns.push({ ...document.campaigns[0], id: "other", trigger: { event: "cart_updated", where: { items: { $gte: 5 } } }, priority: 1 });
  return document;
}

const open = (query) => Tab.open(chromium.browser, server.url, query);
const ownerOf = (tab, name) => tab.eval((key) => sessionStorage.getItem(key), `hearken:${name}:owner`);

test("two tabs that track the same thing at once get one offer, and opening the second resolves nothing of the first", async () => {
  const name = "two";
  const a = await open({ name });
  await a.page.bringToFront();
  await a.track({ items: 1 });
  await a.drawn();
  const b = await open({ name });
  await b.track({ items: 1 });
  await b.flush();
  assert.deepEqual(await b.look("offers"), []);
  assert.equal(await a.dialogOpen(), true);
  assert.deepEqual(await b.kinds("$use_reserved", "$ended"), ["$use_reserved"]);
  assert.notEqual(await ownerOf(a, name), await ownerOf(b, name));

  await a.page.bringToFront();
  await Promise.all([a, b].map((tab) => tab.eval(() => Promise.all(Array.from({ length: 100 }, (_, n) => t.client.track("cart_updated", { items: 1, note: `${n}` })) ))));
  await Promise.all([a.flush(), b.flush()]);
  const lines = await a.lines();
  assert.equal(lines.filter(({ type }) => type === "$use_reserved").length, 1);
  assert.equal(lines.filter(({ type }) => type === "cart_updated").length, 202);
  assert.deepEqual(lines.map(({ seq }) => seq), lines.map((_, place) => place + 1), "no gap, no repeat");
});

test("what a tab shows goes when another tab withdraws the consent", async () => {
  const name = "told";
  const a = await open({ name });
  const b = await open({ name });
  await a.page.bringToFront();
  await a.track({ items: 1 });
  await a.drawn();
  await b.eval(() => t.client.setConsent({ analytics: true, messaging: false, personalization: false }));
  await b.flush();
  await until("it is gone", async () => !(await a.dialogOpen()));
  assert.deepEqual((await a.look("withdrawn")).map(({ campaign }) => campaign), ["offer"]);
});

test("what a killed tab showed is resolved by another within the grace, once", async () => {
  const name = "killed";
  const grace = 400;
  const a = await open({ name, grace });
  const owner = await ownerOf(a, name);
  const others = [await open({ name, grace }), await open({ name, grace })];
  await a.page.bringToFront();
  await a.track({ items: 1 });
  await a.drawn();
  await others[0].page.bringToFront();
  await others[0].track({ items: 0 });
  await others[1].track({ items: 0 });
  await crash(a.page);
  await until("it is resolved", async () => (await others[0].kinds("$ended")).length > 0);
  await pause(3 * grace);
  const lines = (await others[0].lines()).filter(({ type }) => ["$use_reserved", "$use_committed", "$shown", "$ended"].includes(type));
  assert.deepEqual(lines.map(({ type }) => type), ["$use_reserved", "$use_committed", "$ended"], "assumed, never shown, ended once");
  assert.equal(lines[0].data.owner, owner);
  assert.equal(lines[1].data.assumed, true);
  assert.equal(lines[2].data.cause, "orphan");
});

test("a reload in the middle draws the same message again and spends nothing, though another tab waits", async () => {
  const name = "reload";
  const grace = 1_000;
  const a = await open({ name, grace });
  const b = await open({ name, grace });
  await a.page.bringToFront();
  const owner = await ownerOf(a, name);
  await a.track({ items: 1 });
  await a.drawn();
  await a.seen();
  await b.track({ items: 0 });
  const [{ id }] = await a.look("offers");
  await a.page.reload();
  await a.ready();
  await a.drawn();
  assert.equal(await ownerOf(a, name), owner);
  assert.deepEqual(await a.look("offers"), [{ id, campaign: "offer", resumed: true }]);
  await pause(2 * grace);
  assert.equal(await a.dialogOpen(), true, "nobody took it for an orphan");
  assert.deepEqual(await b.kinds("$use_reserved", "$use_committed", "$shown", "$ended"), ["$use_reserved", "$use_committed", "$shown"]);
  await a.press("Not now");
  await a.flush();
  assert.deepEqual(await a.kinds("$clicked", "$ended"), ["$clicked", "$ended action"]);
});

test("an offer that was not drawn goes back at a reload and is offered anew", async () => {
  const tab = await open({ name: "undrawn", headless: "" });
  await tab.track({ items: 1 });
  await until("it is offered", async () => (await tab.look("offers")).length === 1);
  const [{ id }] = await tab.look("offers");
  await tab.go({ name: "undrawn" });
  await tab.drawn();
  const [again] = await tab.look("offers");
  assert.notEqual(again.id, id);
  assert.equal(again.resumed, false);
  assert.deepEqual(await tab.kinds("$use_reserved", "$use_refunded", "$ended"), ["$use_reserved", "$use_refunded", "$ended unmounted", "$use_reserved"]);
});

test("a copy of a tab becomes an owner of its own", async () => {
  const a = await open({ name: "copy" });
  await a.track({ items: 1 });
  await a.drawn();
  const opened = new Promise((resolve) => a.page.once("popup", resolve));
  // An opener hands its sessionStorage over, as a duplicated tab does.
  await a.eval(() => void window.open(location.href));
  const b = new Tab(await opened, server.url);
  await b.ready();
  assert.notEqual(await ownerOf(b, "copy"), await ownerOf(a, "copy"));
  assert.deepEqual(await b.look("offers"), []);
  assert.deepEqual(await b.kinds("$ended"), []);
});

test("there and back through the cache: the page lives on, its message stands, and it goes on recording", async () => {
  const name = "cached";
  const tab = await open({ name, playbook: "/often.json" });
  const owner = await ownerOf(tab, name);
  await tab.eval(() => {
    window.kept = true;
    addEventListener("pageshow", (event) => (window.persisted = event.persisted));
  });
  await tab.track({ items: 1 });
  await tab.drawn();
  await tab.seen();
  await tab.page.goto(`${server.url}/blank.html`);
  await tab.page.goBack();
  await until("the page is back", () => tab.eval(() => window.persisted === true));
  assert.equal(await tab.eval(() => window.kept), true, "this was the cache");
  assert.equal(await tab.dialogOpen(), true);
  await tab.track({ items: 0, note: "back" });
  await tab.flush();
  assert.equal(await ownerOf(tab, name), owner);
  await tab.press("Not now");
  await tab.flush();
  assert.deepEqual(await tab.kinds("$use_reserved", "$ended"), ["$use_reserved", "$ended action"]);
  assert.equal((await tab.lines()).filter(({ data }) => data.note === "back").length, 1);
  assert.deepEqual(await tab.look("violations"), []);
});

test("a page in the cache whose message another tab resolved comes back without it", async () => {
  const name = "resolved";
  const grace = 300;
  const a = await open({ name, grace });
  const b = await open({ name, grace });
  await a.page.bringToFront();
  await a.eval(() => addEventListener("pageshow", (event) => (window.persisted = event.persisted)));
  await a.track({ items: 1 });
  await a.drawn();
  await b.track({ items: 0 });
  await a.page.goto(`${server.url}/blank.html`);
  await b.page.bringToFront();
  await until("the other tab took it for gone", async () => (await b.kinds("$ended")).length === 1);
  await a.page.bringToFront();
  await a.page.goBack();
  await until("the page is back", () => a.eval(() => window.persisted === true));
  await until("its message is gone", async () => !(await a.dialogOpen()));
  await a.flush();
  assert.deepEqual(await a.kinds("$ended"), ["$ended orphan"]);
});

test("what is not stored when a page leaves is stored once by the next one, over many pages", async () => {
  const name = "spill";
  const tab = await open({ name, headless: "" });
  const rounds = 12;
  let spilled = 0;
  for (let round = 0; round < rounds; round++) {
    const back = round % 3 === 2;
    const target = back ? `${server.url}/blank.html` : `${server.url}/index.html?${new URLSearchParams({ name, headless: "", early: `${round} early` })}`;
    await Promise.all([
      tab.page.waitForNavigation(),
      tab.eval((number, href) => {
        addEventListener("pagehide", () => {
          t.client.track("cart_updated", { items: 0, note: `${number} last` });
          sessionStorage.setItem("spilled", JSON.parse(sessionStorage.getItem("hearken:spill:spill")).items.length);
        }, { once: true });
        for (let n = 0; n < 120; n++) t.client.track("cart_updated", { items: 0, note: `${number} ${n}` });
        // Some transactions are over, some run, some have not begun.
        setTimeout(() => (location.href = href), number * 2);
      }, round, target),
    ]);
    spilled += Number(await tab.eval(() => sessionStorage.getItem("spilled")));
    if (back) await tab.page.goBack();
    await tab.ready();
  }
  assert.ok(spilled >= rounds, "some inputs were not stored when their page left");
  await tab.flush();
  const notes = (await tab.lines()).filter(({ type }) => type === "cart_updated").map(({ data }) => data.note);
  const expected = [];
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < 120; n++) expected.push(`${round} ${n}`);
    expected.push(`${round} last`);
    if (round % 3 !== 2) expected.push(`${round} early`);
  }
  assert.deepEqual(notes.toSorted(), expected.toSorted());
});

test("what a cached page left and the next one stored is not stored again when the cached one comes back", async () => {
  const name = "handed";
  const tab = await open({ name, headless: "" });
  await tab.eval(() => addEventListener("pageshow", (event) => (window.persisted = event.persisted)));
  await Promise.all([
    tab.page.waitForNavigation(),
    tab.eval((href) => {
      const track = (from) => {
        for (let n = from; n < from + 60; n++) t.client.track("cart_updated", { items: 0, note: `${n}` });
      };
      track(0);
      addEventListener("pagehide", () => {
        track(60);
        sessionStorage.setItem("spilled", JSON.parse(sessionStorage.getItem("hearken:handed:spill")).items.length);
      }, { once: true });
      location.href = href;
    }, `${server.url}/index.html?${new URLSearchParams({ name, headless: "", early: "next" })}`),
  ]);
  await tab.ready();
  assert.ok(Number(await tab.eval(() => sessionStorage.getItem("spilled"))) >= 60);
  await tab.flush();
  await tab.page.goBack();
  await until("the page is back", () => tab.eval(() => window.persisted === true));
  await tab.track({ items: 0, note: "back" });
  await tab.flush();
  const notes = (await tab.lines()).filter(({ type }) => type === "cart_updated").map(({ data }) => data.note);
  assert.deepEqual(notes, [...Array.from({ length: 120 }, (_, n) => `${n}`), "next", "back"]);
});

test("a hidden tab holds its message back until it is seen", async () => {
  const name = "hidden";
  const a = await open({ name });
  const b = await open({ name });
  await b.page.bringToFront();
  await a.track({ items: 1 });
  await a.flush();
  assert.equal((await a.look("decisions"))[0].reason.code, "cannot_display");
  await until("the tab that is seen takes it over", () => b.dialogOpen());
  assert.equal(await a.dialogOpen(), false);

  const alone = await open({ name: "alone" });
  await b.page.bringToFront();
  await alone.track({ items: 1 });
  await alone.flush();
  assert.deepEqual((await alone.look("decisions")).map(({ outcome }) => outcome), ["waiting"]);
  await alone.page.bringToFront();
  await alone.drawn();
});

test("a modal left open in a hidden tab holds nobody up, and still stands when the person comes back", async () => {
  const name = "left-open";
  const a = await open({ name, playbook: "/two.json" });
  await a.track({ items: 1 });
  await a.drawn();
  await a.seen();
  const b = await open({ name, playbook: "/two.json" });
  await b.page.bringToFront();
  await until("the first is hidden", () => a.eval(() => document.visibilityState === "hidden"));
  await a.flush();
  await b.track({ items: 5 });
  await b.drawn();
  assert.deepEqual((await b.look("offers")).map(({ campaign }) => campaign), ["other"]);
  await b.press("Not now");
  await b.flush();
  await a.page.bringToFront();
  await until("seen again", () => a.eval(() => document.visibilityState === "visible"));
  assert.equal(await a.dialogOpen(), true);
  await a.press("Not now");
  await a.flush();
  assert.deepEqual(await a.kinds("$use_refunded", "$ended"), ["$ended action", "$ended action"]);
  assert.deepEqual((await a.lines()).filter(({ type }) => type === "$ended").map(({ data }) => data.campaign), ["other", "offer"]);
});

async function crash(page) {
  const session = await page.createCDPSession();
  // The answer never comes: the page is gone.
  session.send("Page.crash").catch(() => {});
  await new Promise((resolve) => page.once("error", resolve));
}
