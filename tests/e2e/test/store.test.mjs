// The store contract against a real IndexedDB (engine.md 11.1), and what only a browser's store can suffer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleInternals } from "../../../bindings/web/test/support/internals.mjs";
import { cases } from "../../../bindings/web/test/support/store-suite.mjs";
import { launch, until } from "../support/browser.mjs";
import { serve } from "../support/server.mjs";

let chromium;
let server;
let page;
before(async () => {
  server = await serve({ "/internals.js": await bundleInternals(["store/indexeddb.ts", "store/store.ts"]) });
  chromium = await launch();
  page = await chromium.browser.newPage();
  await page.goto(`${server.url}/store.html`);
  await until("the suite is loaded", () => page.evaluate(() => window.ready === true));
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

for (const name of Object.keys(cases)) {
  test(`IndexedDB store: ${name}`, () => page.evaluate((which) => window.run(which), name));
}

test("IndexedDB store: an abort at any write leaves the old state, whole", async () => {
  const boundaries = await page.evaluate(() => window.aborts());
  assert.deepEqual(boundaries, {
    visit: 3 + 2 + 2 + 1, // rows, blobs, checkpoint and head, commit
    acknowledge: 1 + 1, // cursor, commit
    prune: 1 + 3 + 1, // rows, base and checkpoint and head, commit
    setAside: 3 + 1 + 1, // three object stores, the new head, commit
  });
});

test("IndexedDB store: a newer database is refused with a typed error, and left as it is", async () => {
  const { error, version, stores } = await page.evaluate(() => window.newer());
  assert.deepEqual(error, { name: "HearkenError", code: "newer_format", place: "hearken:newer" });
  assert.deepEqual([version, stores], [7, ["future"]]);
});

test("IndexedDB store: a newer head is refused with a typed error, and left as it is", async () => {
  const { error, head } = await page.evaluate(() => window.newerHead());
  assert.deepEqual(error, { name: "HearkenError", code: "newer_format", place: "head" });
  assert.equal(head.v, 99);
});

test("IndexedDB store: what was damaged can be read in the database beside it", async () => {
  const [kept] = await page.evaluate(() => window.kept());
  assert.equal(kept.why, "row 1: broken");
  assert.deepEqual(kept.rows, [{ key: 1, value: "row 1" }]);
  assert.deepEqual(kept.blobs, [{ key: "abc", value: "document" }]);
  assert.ok(kept.meta.some(({ key }) => key === "head"));
});
