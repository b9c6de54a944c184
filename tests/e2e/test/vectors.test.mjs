// The shared vectors in a browser, against the engine and against the shell over IndexedDB: the same answers as everywhere
// else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { bundleInternals } from "../../../bindings/web/test/support/internals.mjs";
import { launch, until } from "../support/browser.mjs";
import { serve } from "../support/server.mjs";

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/index.json", import.meta.url), "utf8"));

/** A client hands what its journal has to a playbook's new counters (engine.md 3.3); these cases are told without. */
const SEEDED = new Set(["history-of-a-new-profile"]);

let chromium;
let server;
let page;
before(async () => {
  const parts = ["export.ts", "shell/journal.ts", "shell/queue.ts", "shell/shell.ts", "shell/tabstore.ts", "store/indexeddb.ts"];
  server = await serve({ "/internals.js": await bundleInternals(parts) });
  chromium = await launch();
  page = await chromium.browser.newPage();
  await page.goto(`${server.url}/vectors.html`);
  await until("the runner is loaded", () => page.evaluate(() => window.ready === true));
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

test("the index names the cases", () => assert.ok(cases.length >= 10));

for (const name of cases) {
  test(`vector ${name} in the browser`, async () => assert.deepEqual(await page.evaluate((which) => window.run(which), name), []));
  if (!SEEDED.has(name)) test(`vector ${name} through the shell and IndexedDB`, async () => assert.deepEqual(await page.evaluate((which) => window.runShell(which), name), []));
}
