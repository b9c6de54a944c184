// What the README shows of the testing kit runs as shown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { testClient } from "@hearken/web/testing";

test("the README's test runs", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const shown = /```ts\nimport \{ testClient \}[^\n]*\n\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(shown?.includes("testClient("));
  const playbook = readFileSync(new URL("first-cart.json", import.meta.url), "utf8");
  const run = new Function("testClient", "playbook", `return (async () => { ${shown}\nreturn t; })();`);
  const t = await run(testClient, playbook);
  assert.deepEqual(t.shown().map(({ campaign, seen, open }) => ({ campaign, seen, open })), [{ campaign: "first-cart", seen: true, open: false }]);
  assert.equal(t.why("first-cart").stop, "not_triggered");
});
