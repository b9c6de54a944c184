// The shop's success page: what a person does in the shop stands there as numbers, against figures that were worked out by hand.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { until } from "../support/browser.mjs";
import { openEngine } from "../support/engines.mjs";
import { openShop, press } from "../support/shop.mjs";

const PICTURES = process.env.PICTURES;
let shop;
let browser;
before(async () => {
  shop = await openShop();
  browser = await openEngine("chromium");
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
});
after(async () => {
  await browser?.close();
  shop?.close();
});

/** Opens the success page; what stands on it, by title: the value, and what stands below it. */
async function board(tab, what) {
  await tab.eval(() => window.hearken.flush());
  await press(tab, "Success");
  await until("the board is filled", () => tab.eval(() => document.querySelector(".board")?.ariaBusy === "false"));
  if (PICTURES) await tab.picture(`${PICTURES}/success-${what}.png`);
  return tab.eval(() => Object.fromEntries([...document.querySelectorAll(".metric")].map((metric) => [
    metric.querySelector("h2").textContent,
    metric.querySelector(".bars") ? [...metric.querySelectorAll(".bars li")].map((bar) => bar.innerText.replace(/\s+/g, " ").trim()) : [metric.querySelector(".value")?.textContent ?? "", metric.querySelector(".soft")?.textContent ?? ""],
  ])));
}
const some = (all, ...titles) => Object.fromEntries(titles.map((title) => [title, all[title]]));

async function buy(tab, ...products) {
  for (const product of products) {
    await press(tab, "Shop");
    await press(tab, `Look at ${product}`);
    await press(tab, `Add ${product} to the cart`);
  }
  await tab.eval(() => document.querySelector(".cart-link").click());
  await press(tab, "Check out");
  await press(tab, "Order");
  await tab.eval(() => window.hearken.flush());
}

test("before anybody agreed nothing counts and the page says why; then each order is on it, and the goal is missed and met", async () => {
  const tab = await browser.tab(shop.url);
  await until("the shop stands", () => tab.eval(() => Boolean(window.hearken && document.querySelector("main h1, main .products"))));
  await buy(tab, "Harbour lamp");
  const unmeasured = await board(tab, "unmeasured");
  assert.match(await tab.eval(() => document.querySelector("main").innerText), /not agreed to analytics, so nothing of yours counts yet/);
  assert.deepEqual(some(unmeasured, "Orders", "People who bought"), { Orders: ["0", ""], "People who bought": ["0", ""] });

  await tab.eval(() => window.hearken.setConsent({ analytics: true, personalization: true }));
  await buy(tab, "Harbour lamp");
  const once = await board(tab, "once");
  assert.doesNotMatch(await tab.eval(() => document.querySelector("main").innerText), /nothing of yours counts/);
  assert.deepEqual(some(once, "Orders", "People who bought", "Average order value", "Revenue per buyer", "Buyers who came back"), {
    Orders: ["1", ""],
    "People who bought": ["1", ""],
    "Average order value": ["€89.00", "8,900 of 1"],
    "Revenue per buyer": ["€89.00", "8,900 of 1"],
    "Buyers who came back": ["0%", "0 of 1, goal not met yet"],
  });

  await press(tab, "Behind the scenes");
  await press(tab, "A day passes");
  await buy(tab, "Harbour lamp", "Harbour lamp");
  const twice = await board(tab, "twice");
  assert.deepEqual(some(twice, "Orders", "People who bought", "Average order value", "Revenue per buyer", "Buyers who came back"), {
    Orders: ["2", ""],
    "People who bought": ["1", ""],
    // One lamp, then two: 8,900 + 17,800 over two orders.
    "Average order value": ["€133.50", "26,700 of 2"],
    "Revenue per buyer": ["€267.00", "26,700 of 1"],
    "Buyers who came back": ["100%", "1 of 1, goal met"],
  });
  const metrics = await tab.eval(async () => (await window.hearken.success()).metrics.map(({ metric, goal, fingerprint }) => [metric, goal, fingerprint.slice(0, 12)]));
  assert.deepEqual(metrics.filter(([, goal]) => goal).map(([metric, goal]) => [metric, goal]), [["repeat_rate", "met"]]);
  // The fingerprint ties each number to its definition.
  assert.deepEqual((await tab.eval(() => [...document.querySelectorAll(".metric code")].map(({ textContent }) => textContent))).toSorted(), metrics.map(([, , fingerprint]) => fingerprint).toSorted());
  // A reload tells the same.
  await tab.reload();
  await until("the board is filled", () => tab.eval(() => document.querySelector(".board")?.ariaBusy === "false" && document.querySelectorAll(".metric").length > 0));
  assert.deepEqual(await board(tab, "again"), twice);
  await tab.close();
});
