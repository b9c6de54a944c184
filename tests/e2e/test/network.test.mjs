// A page without its network, and a page that goes, in three engines: what is decided and shown, what survives, and what
// reaches the server. The server is gone in all of them, and Chromium is told to be offline as well. (That alone is not
// enough there: beacons are sent all the same. Firefox, once told, refuses what lies in its cache too, as no real network
// does. WebKitGTK cannot be told.)
//
// WebKitGTK under automation keeps nothing on a disk, and its cache in memory does not answer to `fetch`, which is how the
// module comes: a page cannot be loaded again there without its server. There the client is closed and opened again in
// the page that is still there.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pause, until } from "../support/browser.mjs";
import { ENGINES, openEngine } from "../support/engines.mjs";
import { playbook } from "../support/playbook.mjs";
import { serve } from "../support/server.mjs";

/** Longer than the exporter takes to read ahead. */
const READ = 800;

for (const name of ENGINES) describe(name, () => network(name));

function network(name) {
  let browser;
  let server;
  before(async () => {
    // Fresh for an hour: the browser's cache may answer while nobody else does.
    server = await serve({ "/playbook.json": JSON.stringify(playbook()) }, { cache: "max-age=3600" });
    browser = await openEngine(name);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const address = (query) => `${server.url}/index.html?${new URLSearchParams(query)}`;
  const ready = (tab) => until("the page is ready", () => tab.eval(() => window.t?.ready === true));
  const open = async (query) => {
    const tab = await browser.tab(address(query));
    await ready(tab);
    return tab;
  };
  const track = async (tab, note, items = 0) => {
    await tab.eval((given) => t.client.track("cart_updated", given), { items, note });
    await tab.eval(() => t.client.flush());
  };
  const journal = (tab) => tab.eval(() => t.lines());
  const stands = (tab) => tab.eval(() => Boolean(t.dialog()));
  /** Everything that the server has got from here on, as it came: by id, each with the texts that came. */
  const got = (from) => {
    const texts = new Map();
    for (const line of server.facts.slice(from).flatMap(({ lines }) => lines)) {
      const { id } = JSON.parse(line);
      texts.set(id, [...(texts.get(id) ?? []), line]);
    }
    return texts;
  };
  const tell = (tab, gone) => name === "chromium" && tab.offline(gone);
  const lose = (tab) => Promise.all([tell(tab, true), server.lose()]);
  const find = (tab) => Promise.all([tell(tab, false), server.find()]);

  test("the network is lost: events are kept, a message is decided and shown, a page from the cache goes on, and everything is delivered once", async () => {
    const from = server.facts.length;
    const visits = [{ name: "lost", export: "100" }, { name: "lost", export: "100", next: "1" }];
    const tab = await open(visits[1]);
    await tab.go(address(visits[0]));
    await ready(tab);
    await track(tab, "before");
    await until("it is delivered while there is a network", async () => (await journal(tab)).length === 0);
    const early = got(from).size;
    // A message whose picture is not there is not shown: it has to be in the cache as the page is.
    await tab.eval(() => Object.assign(new Image(), { src: "/picture.svg" }).decode());

    await lose(tab);
    let whole;
    try {
      assert.equal(await tab.eval(() => fetch(`/gone.json?${Math.random()}`).then(() => "answered", () => "lost")), "lost");
      await track(tab, "without", 1);
      await until("it is decided and shown", () => stands(tab));
      await until("it is seen", () => tab.eval(() => t.shown.length > 0));
      await until("the exporter says what is wrong", () => tab.eval(() => t.reports.some(({ code }) => code === "export_failed")));
      const kept = await journal(tab);
      assert.deepEqual(["cart_updated", "$shown"].map((type) => kept.some((line) => JSON.parse(line).type === type)), [true, true]);

      if (name === "webkit") {
        await tab.eval(async () => {
          await t.client.close();
          t.client = t.create();
        });
      } else {
        await tab.go(address(visits[1]));
        await ready(tab);
        await until("its message stands again", () => stands(tab));
        assert.deepEqual((await tab.eval(() => t.offers)).map(({ resumed }) => resumed), [true], "the same one, and nothing is spent");
      }
      assert.equal(await tab.eval(async () => (await t.client.ready).store), "indexeddb");
      await track(tab, "after it was opened again");
      whole = await journal(tab);
      assert.deepEqual(whole.slice(0, kept.length), kept, "what was kept is still there, byte for byte");
      await pause(300);
      assert.equal(got(from).size, early, "nothing reached anybody");
    } finally {
      await find(tab);
    }
    await until("everything is delivered", async () => (await journal(tab)).length === 0);
    const texts = got(from);
    for (const line of whole) assert.deepEqual(texts.get(JSON.parse(line).id), [line], "once");
    assert.equal(texts.size - early >= whole.length, true);
    assert.deepEqual([...texts.keys()], [...texts.keys()].toSorted(), "in order");
    await tab.close();
  });

  test("a page that goes hands what is not delivered to the browser; nobody hears of it, so it comes again with the same ids, until it is acknowledged", async () => {
    const from = server.facts.length;
    const tab = await open({ name: "beacon", export: "3600000" });
    for (const note of ["one", "two", "three"]) await track(tab, note);
    await pause(READ);
    const told = await journal(tab);
    assert.equal(server.facts.length, from, "nothing is due yet");
    await tab.go(`${server.url}/blank.html`);
    await until("the beacon came", () => server.facts.length > from);
    const beacons = server.facts.slice(from).filter(({ type }) => type.startsWith("text/plain"));
    assert.equal(beacons.length, 1);
    assert.deepEqual(beacons[0].lines, told, "everything, in order");

    // The next page sends what nobody acknowledged: the same records, and a server knows them by their ids.
    await tab.go(address({ name: "beacon", export: "100" }));
    await ready(tab);
    await until("everything is acknowledged", async () => (await journal(tab)).length === 0);
    const texts = got(from);
    for (const line of told) {
      const copies = texts.get(JSON.parse(line).id);
      assert.equal(copies.length >= 2, true, "delivered again");
      assert.deepEqual([...new Set(copies)], [line], "byte for byte");
    }
    const sent = server.facts.length;
    await pause(400);
    assert.equal(server.facts.length, sent, "and never again after that");
    await tab.close();
  });

  test("a beacon that nobody takes loses nothing, and one with headers goes as a request that outlives the page", async () => {
    const from = server.facts.length;
    const tab = await open({ name: "refused", export: "3600000", key: "k-1" });
    for (const note of ["one", "two"]) await track(tab, note);
    await pause(READ);
    const told = await journal(tab);
    server.status = 503;
    await tab.go(`${server.url}/blank.html`);
    await until("it came, and was refused", () => server.facts.length > from);
    assert.deepEqual([server.facts[from].status, server.facts[from].key, server.facts[from].lines], [503, "k-1", told]);
    server.status = 204;
    await tab.go(address({ name: "refused", export: "100", key: "k-2" }));
    await ready(tab);
    await until("everything is acknowledged", async () => (await journal(tab)).length === 0);
    const accepted = server.facts.slice(from).filter(({ status }) => status === 204).flatMap(({ lines }) => lines);
    for (const line of told) assert.equal(accepted.filter((other) => other === line).length, 1, "delivered once to a server that takes it");
    await tab.close();
  });

  test("a batch whose texts take more bytes than characters is sent all the same", async () => {
    const from = server.facts.length;
    const tab = await open({ name: "wide", export: "100" });
    await tab.eval(() => {
      for (let n = 0; n < 60; n++) t.client.track("cart_updated", { items: 0, note: "送".repeat(600) });
    });
    await tab.eval(() => t.client.flush());
    await until("it is delivered", async () => (await journal(tab)).length === 0);
    assert.equal(server.facts.slice(from).flatMap(({ lines }) => lines).filter((line) => line.includes("送")).length, 60);
    assert.deepEqual(await tab.eval(() => t.reports), []);
    await tab.close();
  });
}
