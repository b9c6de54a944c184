// What goes wrong in the field: every case is named to whoever runs the page, by its place, and nothing throws.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Tab } from "../support/app.mjs";
import { launch, until } from "../support/browser.mjs";
import { playbook } from "../support/playbook.mjs";
import { serve } from "../support/server.mjs";

let chromium;
let server;
const answers = { "/playbook.json": JSON.stringify(playbook()) };
before(async () => {
  const partly = playbook();
  partly.campaigns.push({ ...partly.campaigns[0], id: "bad", caps: ["nowhere"] });
  answers["/partly.json"] = JSON.stringify(partly);
  answers["/broken.json"] = '{\n  "spec": 1,\n  oops }';
  answers["/wrong.json"] = JSON.stringify({ ...playbook(), revision: "x" });
  answers["/moving.json"] = answers["/playbook.json"];
  server = await serve(answers);
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const open = (query) => Tab.open(chromium.browser, server.url, query);
const codes = async (tab) => (await tab.look("reports")).map(({ code }) => code);

/** Runs in the page against the raw database. */
const raw = (tab, name, run, ...given) =>
  tab.page.evaluate(
    async (database, source, rest) => {
      const db = await new Promise((resolve, reject) => {
        const request = indexedDB.open(database);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const ask = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const { act } = await import(source);
      const tx = db.transaction([...db.objectStoreNames], "readwrite");
      const answer = await act(tx, ask, ...rest);
      db.close();
      return answer;
    },
    `hearken:${name}`,
    "/raw.js",
    [run, ...given],
  );

test("a playbook that is no JSON is named by line and column; events are recorded all the same", async () => {
  const tab = await open({ name: "broken", playbook: "/broken.json" });
  const [report] = await tab.look("reports");
  assert.deepEqual([report.code, report.typed, report.place], ["invalid_playbook", "HearkenError", "line 3, column 3"]);
  assert.equal(await tab.eval(() => t.status.error.code), "invalid_playbook");
  await tab.track({ items: 1 });
  await tab.flush();
  assert.deepEqual(await tab.kinds("cart_updated"), ["cart_updated"]);
  assert.deepEqual(tab.errors, []);
});

test("a playbook with a wrong head is named by its path, and install() rejects likewise", async () => {
  const tab = await open({ name: "wrong", playbook: "/wrong.json" });
  assert.deepEqual((await tab.look("reports")).map(({ code, place }) => [code, place]), [["invalid_playbook", "revision"]]);
  const error = await tab.eval(() => t.client.install("/broken.json").catch(({ name, code, place }) => ({ name, code, place })));
  assert.deepEqual(error, { name: "HearkenError", code: "invalid_playbook", place: "line 3, column 3" });
  await tab.eval(() => t.client.install("/playbook.json"));
  await tab.track({ items: 1 });
  await tab.drawn();
});

test("one bad campaign is disabled alone, by its path", async () => {
  const tab = await open({ name: "partly", playbook: "/partly.json" });
  const [problem] = await tab.look("diagnostics");
  assert.deepEqual([problem.code, problem.path], ["campaign_disabled", "campaigns[1].caps[0]"]);
  await tab.track({ items: 1 });
  await tab.drawn();
});

test("a playbook that does not answer leaves the last good one in force", async () => {
  const tab = await open({ name: "gone", playbook: "/moving.json" });
  delete answers["/moving.json"];
  await tab.go({ name: "gone", playbook: "/moving.json", headless: "", again: "" });
  assert.deepEqual(await codes(tab), ["playbook_unreachable"]);
  await tab.track({ items: 1 });
  await until("it is offered", async () => (await tab.look("offers")).length === 1);
});

test("an event that the plan refuses is named by its path; one that is no JSON is refused at once; nothing throws", async () => {
  const tab = await open({ name: "events" });
  const verdicts = await tab.eval(() => {
    const cycle = {};
    cycle.self = cycle;
    return [
      t.client.track("cart_updated", { items: "two" }),
      t.client.track("unplanned"),
      t.client.track("cart_updated", { items: Number.NaN }),
      t.client.track("cart_updated", { note: 1n }),
      t.client.track("cart_updated", cycle),
      t.client.track("cart_updated", { note: document.body }),
      t.client.track(undefined, { items: 1 }),
      t.client.track("cart_updated", { note: "lone \ud800 surrogate" }),
    ].map(({ verdict, rejection }) => (rejection ? `${rejection.code} ${String(rejection.path).slice(0, 30)}` : verdict));
  });
  assert.deepEqual(verdicts, [
    "queued", "queued", "number cart_updated.items", "not_json cart_updated.note", "too_deep cart_updated.self.self.self.se",
    "not_json cart_updated.note", "queued", "queued",
  ]);
  await tab.flush();
  const rejections = (await tab.look("diagnostics")).map(({ code, name, rejection }) => `${code} ${name} ${rejection.code} ${String(rejection.path ?? rejection.event).slice(0, 19)}`);
  assert.deepEqual(rejections.slice(4), [
    "input_rejected cart_updated wrong_type cart_updated.items",
    "input_rejected unplanned unknown_event unplanned",
    "input_rejected undefined unknown_event undefined",
  ]);
  assert.deepEqual((await tab.lines()).filter(({ type }) => type === "cart_updated").map(({ data }) => data.note), ["lone \ufffd surrogate"]);
  assert.deepEqual(tab.errors, []);
});

test("whatever an app hands over that is no JSON is refused alone, where it is said or when it is handled", async () => {
  const tab = await open({ name: "no-json" });
  const codes = await tab.eval(() => {
    const { client } = t;
    client.host({ app_version: 1n });
    const verdicts = [client.cue("manual", 1n), client.touch({ kind: "opened", delivery_id: 1n }), client.touch(null), client.offer({ id: 1n }), client.inbox.act("c", "snooze", { lasts: 1n })];
    return verdicts.map(({ verdict, rejection }) => rejection?.path ?? verdict);
  });
  assert.deepEqual(codes, ["manual", "touch.delivery_id", "queued", "offer.id", "card.lasts"]);
  await tab.track({ items: 1 });
  await tab.drawn();
  // A renderer's answers are taken as they are, so that only the engine's door finds it.
  await tab.eval(() => t.presentations.get(t.offers[0].id).click("accept", { score: 1n }));
  await tab.track({ items: 0, note: "behind it" });
  await tab.flush();
  assert.deepEqual((await tab.look("diagnostics")).map(({ input, rejection }) => `${input} ${rejection.code}`), [
    "host_state not_json", "cue not_json", "touch not_json", "offer not_json", "card not_json", "touch invalid_input", "interaction not_json",
  ]);
  assert.deepEqual(await tab.look("reports"), []);
  assert.deepEqual((await tab.lines()).filter(({ type }) => type === "cart_updated").map(({ data }) => data.note ?? ""), ["", "behind it"]);
  assert.deepEqual(tab.errors, []);
});

test("without permission for WebAssembly the page goes on, and the report names the header", async () => {
  const tab = await open({ name: "blocked", csp: "no-wasm" });
  const [report] = await tab.look("reports");
  assert.deepEqual([report.code, report.place], ["wasm_blocked", "Content-Security-Policy: script-src"]);
  assert.match(report.message, /'wasm-unsafe-eval'/);
  assert.equal(await tab.eval(() => t.status.store), "none");
  assert.deepEqual(await tab.track({ items: 1 }), { verdict: "rejected", rejection: { code: "wasm_blocked" } });
  assert.equal(await tab.eval(() => t.client.flush().catch(({ code }) => code)), "wasm_blocked");
  assert.deepEqual(await tab.lines(), []);
  assert.deepEqual(tab.errors, []);
});

test("without IndexedDB nothing interrupts anybody, and the reason says so", async () => {
  const tab = await open({ name: "none", noidb: "" });
  assert.deepEqual(await codes(tab), ["store_unavailable"]);
  assert.equal(await tab.eval(() => t.status.store), "memory");
  await tab.track({ items: 1 });
  assert.equal(await tab.eval(() => t.client.flush().catch(({ code }) => code)), "store_unavailable");
  assert.equal(await tab.eval(async () => (await t.client.explain("offer")).reason.code), "store_unavailable");
  assert.deepEqual((await tab.look("decisions")).map(({ reason }) => reason.code), ["store_unavailable"]);
  assert.deepEqual(await tab.kinds("cart_updated", "$use_reserved"), ["cart_updated"]);
  assert.deepEqual(await tab.look("offers"), []);
});

test("a host that asks for memory gets its messages", async () => {
  const tab = await open({ name: "wanted", store: "memory" });
  assert.deepEqual(await tab.look("reports"), []);
  await tab.track({ items: 1 });
  await tab.drawn();
  await tab.flush();
  assert.equal(await tab.eval(async () => (await indexedDB.databases()).some(({ name }) => name.includes("wanted"))), false);
});

test("a row of a newer format is refused untouched, by its place", async () => {
  const tab = await open({ name: "newer" });
  await tab.track({ items: 0 });
  await tab.flush();
  await raw(tab, "newer", "renew");
  const before = await raw(tab, "newer", "dump");
  await tab.page.reload();
  await tab.ready();
  const [report] = await tab.look("reports");
  assert.deepEqual([report.code, report.typed], ["newer_format", "HearkenError"]);
  assert.match(report.place, /^row \d+$/);
  assert.equal(await tab.eval(() => t.status.store), "memory");
  await tab.track({ items: 1 });
  assert.equal(await raw(tab, "newer", "dump"), before);
  assert.equal(await tab.dialogOpen(), false);
});

test("a newer database is refused untouched", async () => {
  const tab = await open({ name: "future" });
  await tab.eval(() => t.client.close());
  await tab.eval(() => new Promise((resolve) => (indexedDB.open("hearken:future", 9).onsuccess = ({ target }) => (target.result.close(), resolve()))));
  await tab.page.reload();
  await tab.ready();
  assert.deepEqual((await tab.look("reports")).map(({ code, place }) => [code, place]), [["newer_format", "hearken:future"]]);
  assert.equal(await tab.eval(async () => (await indexedDB.databases()).find(({ name }) => name === "hearken:future").version), 9);
});

for (const [how, place] of [["spoil", /^row \d+$/], ["remove", /^(row|record) \d+$/]]) {
  test(`a damaged row (${how}) is reported by its place and kept aside, and the client goes on`, async () => {
    const name = `damaged-${how}`;
    const tab = await open({ name });
    await tab.track({ items: 0, note: "before" });
    await tab.flush();
    await raw(tab, name, how);
    await tab.page.reload();
    await tab.ready();
    const [report] = await tab.look("reports");
    assert.deepEqual([report.code, report.typed], ["damaged", "HearkenError"]);
    assert.match(report.place, place);
    assert.equal(await tab.eval(() => t.status.store), "indexeddb");
    const lines = await tab.lines();
    assert.deepEqual(lines.slice(0, 3).map(({ type }) => type), ["$consent", "$journal_gap", "$playbook_installed"]);
    assert.equal(lines[1].data.reason, "damaged");
    const kept = await raw(tab, `${name}:damaged`, "dump");
    assert.match(kept, /cart_updated/);
    await tab.track({ items: 1 });
    await tab.drawn();
  });
}

test("another version that wants the database gets it, and the page goes on in memory where it stood", async () => {
  const tab = await open({ name: "upgrade" });
  await tab.eval(() => t.client.attribute("tier", "gold"));
  await tab.flush();
  await tab.eval(() => new Promise((resolve) => (indexedDB.open("hearken:upgrade", 9).onsuccess = ({ target }) => (target.result.close(), resolve()))));
  await until("it is reported", async () => (await codes(tab)).includes("store_unavailable"));
  await tab.track({ items: 1 });
  await until("it is decided", async () => (await tab.look("decisions")).length > 0);
  assert.equal((await tab.eval(() => t.client.explain("offer"))).last.reason.code, "store_unavailable");
  await tab.eval(() => t.client.setConsent({ analytics: true, messaging: true, personalization: true }));
  assert.deepEqual((await tab.kinds("$journal_gap", "cart_updated")), ["$journal_gap", "cart_updated"], "a journal of its own");
});

/** From here on the database refuses rows, at the transaction's end as quota does; `untilPruned`: until some are removed. */
const fill = (tab, untilPruned) =>
  tab.eval((relents) => {
    const { add, delete: remove } = IDBObjectStore.prototype;
    window.full = true;
    IDBObjectStore.prototype.add = function (...given) {
      if (window.full && this.name === "rows") queueMicrotask(() => this.transaction.abort());
      return add.apply(this, given);
    };
    IDBObjectStore.prototype.delete = function (...given) {
      if (relents) window.full = false;
      return remove.apply(this, given);
    };
    // An abort in the same callback comes before the commit; the shell must not have told anybody by then.
    IDBTransaction.prototype.commit = () => {};
  }, untilPruned);

test("a store that refuses to grow: the batch is given up and named, and the next page's journal has the gap", async () => {
  const tab = await open({ name: "full" });
  await fill(tab, false);
  await tab.track({ items: 1, note: "lost" });
  await until("it is given up", async () => (await codes(tab)).includes("journal_gap"));
  assert.deepEqual(await codes(tab), ["journal_gap", "store_unavailable"]);
  assert.deepEqual(await tab.look("offers"), [], "nothing is offered that is not stored");
  assert.equal(await tab.eval(() => t.client.flush().catch(({ code }) => code)), "store_unavailable");
  await tab.page.reload();
  await tab.ready();
  assert.equal(await tab.eval(() => t.status.store), "indexeddb");
  assert.deepEqual((await tab.lines()).filter(({ type }) => type === "$journal_gap").map(({ data }) => data), [{ reason: "store_unavailable" }]);
  await tab.page.reload();
  await tab.ready();
  assert.equal((await tab.kinds("$journal_gap")).length, 1, "owed once");
});

test("a store that is full makes room with what was exported, and loses nothing", async () => {
  const tab = await open({ name: "pruned" });
  await tab.track({ items: 0, note: "exported" });
  await tab.eval(async () => {
    for await (const batch of t.client.export()) await batch.acknowledge();
  });
  await fill(tab, true);
  await tab.track({ items: 1, note: "kept" });
  await tab.flush();
  assert.deepEqual(await tab.look("reports"), []);
  await tab.drawn();
  const stored = await raw(tab, "pruned", "dump");
  assert.equal(JSON.stringify(JSON.parse(stored).rows).includes("exported"), false);
  assert.deepEqual((await tab.lines()).filter(({ type }) => type === "cart_updated").map(({ data }) => data.note), ["kept"]);
  await tab.page.reload();
  await tab.ready();
  await tab.drawn();
  assert.deepEqual((await tab.look("offers")).map(({ resumed }) => resumed), [true], "the base checkpoint and the rows after it tell the same");
});

test("a transaction that is not answered: the page goes on in memory", async () => {
  const tab = await open({ name: "silent", patience: 500 });
  await tab.eval(async () => {
    const db = await new Promise((resolve) => (indexedDB.open("hearken:silent").onsuccess = ({ target }) => resolve(target.result)));
    const store = db.transaction("meta", "readwrite").objectStore("meta");
    const hold = () => (store.get("head").onsuccess = () => window.letGo || hold());
    hold();
  });
  await tab.track({ items: 1 });
  await until("it is reported", async () => (await codes(tab)).includes("store_unavailable"));
  await tab.eval(() => (window.letGo = true));
  assert.equal(await tab.dialogOpen(), false);
});
