// The testing kit, as an app's own tests use it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { testClient } from "@hearken/web/testing";
import { internals } from "./support/internals.mjs";

const playbook = JSON.parse(readFileSync(new URL("first-cart.json", import.meta.url), "utf8"));
const open = (options) => testClient(playbook, { now: "2026-11-21T10:00:00+02:00", consent: "all", seed: 1, ...options });

test("a message is shown, seen after a second, and used", async () => {
  const t = await open();
  assert.deepEqual(t.track("cart_updated", { items: 0 }), { verdict: "accepted" });
  assert.equal(t.why("first-cart").stop, "not_triggered");
  t.track("cart_updated", { items: 2 });
  assert.deepEqual(t.shown().map(({ campaign, seen, open: stands }) => ({ campaign, seen, stands })), [{ campaign: "first-cart", seen: false, stands: true }]);
  t.advance("999ms");
  assert.equal(t.shown()[0].seen, false);
  t.advance("1ms");
  assert.equal(t.shown()[0].seen, true);
  t.click("first-cart", "accept");
  assert.deepEqual(t.records().slice(-5).map(({ type }) => type), ["$use_committed", "$shown", "$clicked", "$ended", "offer_accepted"]);
  assert.equal(t.shown()[0].open, false);
  t.track("cart_updated", { items: 3 });
  assert.deepEqual(t.why("first-cart").last.reason, { code: "limit", times: 1 });
  assert.equal(t.shown().length, 1);
});

test("who is not meant is told why", async () => {
  const t = await open();
  t.attribute("tier", "gold");
  t.track("cart_updated", { items: 2 });
  assert.deepEqual(t.decisions.at(-1), { at: t.now, campaign: "first-cart", outcome: "stopped", stage: "audience", reason: { code: "audience", field: "tier", seen: "gold" } });
  assert.throws(() => t.click("first-cart", "accept"), /first-cart has nothing on the screen/);
});

test("a wrong event is refused by its path", async () => {
  const t = await open();
  assert.deepEqual(t.track("cart_updated", { items: "2" }).rejection, { code: "wrong_type", path: "cart_updated.items", expected: "a whole number", seen: "text" });
  assert.deepEqual(t.track("cart_updated", { items: Infinity }).rejection, { code: "number", path: "cart_updated.items" });
});

test("a hidden page waits, and shows when it is seen", async () => {
  const t = await open();
  t.setVisible(false);
  t.track("cart_updated", { items: 2 });
  assert.equal(t.why("first-cart").stop, "cannot_display");
  t.setVisible(true);
  assert.equal(t.shown().length, 1);
});

test("a reload folds what was stored and draws the same message again", async () => {
  const t = await open();
  t.track("cart_updated", { items: 2 });
  const [{ id }] = t.shown();
  t.reload();
  assert.deepEqual(t.shown().map((shown) => [shown.id, shown.open]), [[id, true]]);
  t.advance("2s");
  t.dismiss("first-cart");
  assert.deepEqual(t.records().filter(({ type }) => type === "$use_reserved" || type === "$shown").length, 2);
});

test("nothing is shown to who does not agree", async () => {
  const t = await open({ consent: { analytics: true } });
  t.track("cart_updated", { items: 2 });
  assert.equal(t.shown().length, 0);
  assert.equal(t.decisions.at(-1).reason.code, "consent");
});

test("the same seed gives the same journal, another another", async () => {
  const run = async (seed) => {
    const t = await open({ seed });
    t.track("cart_updated", { items: 2 });
    t.advance("1h");
    return t.rows;
  };
  assert.deepEqual(await run(1), await run(1));
  assert.notDeepEqual(await run(1), await run(2));
});

test("the raw door does nothing by itself, and takes its own moment", async () => {
  const t = await open();
  const { step, row } = t.handle({ track: { name: "cart_updated", properties: { items: 1 } } }, { now: t.now + 5_000 });
  assert.equal(step.offered.length, 1);
  assert.equal(JSON.parse(row).ctx.now, t.now + 5_000);
  assert.equal(t.shown().length, 0);
});

test("a playbook that cannot be used throws, typed", async () => {
  await assert.rejects(testClient({ spec: 2, id: "x", revision: 1 }, { consent: "all" }), { name: "HearkenError", code: "invalid_playbook" });
  await assert.rejects(testClient("{ oops }", { consent: "all" }), /line 1, column/);
});

test("the clock reads spans and instants as they are written, and nothing else", async () => {
  const { span, instant } = await internals("testing/time.ts", "span.ts");
  assert.deepEqual(["250ms", "90s", "30m", "1h", "7d", 12].map(span), [250, 90_000, 1_800_000, 3_600_000, 604_800_000, 12]);
  for (const wrong of ["1 h", "", "h", "-1s", "1.5h", -1, 0.5]) assert.throws(() => span(wrong), RangeError, String(wrong));
  assert.deepEqual(instant("1970-01-01T02:00:00+02:00"), { now: 0, offset_min: 120 });
  assert.deepEqual(instant("1969-12-31T19:30:00-04:30"), { now: 0, offset_min: -270 });
  assert.throws(() => instant("2026-11-21"), RangeError);
});

test("the small SHA-256 agrees with Node's, at every length around a block", async () => {
  const { sha256Hex } = await internals("testing/sha256.ts");
  for (let length = 0; length < 200; length++) {
    const text = "aé€".repeat(70).slice(0, length);
    assert.equal(sha256Hex(text), createHash("sha256").update(text).digest("hex"), `${length} characters`);
  }
});

test("a component under test gets a presentation, and what it says of it is kept", async () => {
  const { presentation } = await import("@hearken/web/testing");
  const offer = presentation({ label: "Hello", pages: [{ id: "a", blocks: [] }, { id: "b", blocks: [] }] }, { placement: "hero" });
  assert.deepEqual([offer.message.label, offer.message.layout, offer.placement, offer.words.close], ["Hello", "modal", "hero", "Close"]);
  assert.equal(await offer.begin(), true);
  assert.deepEqual([await offer.next("a"), await offer.next("b")], ["b", undefined]);
  offer.visible();
  offer.click("go", { score: 9 });
  offer.ended("auto");
  assert.deepEqual(offer.said, [["begin"], ["visible"], ["click", "go", { score: 9 }], ["ended", "auto"]]);
});
