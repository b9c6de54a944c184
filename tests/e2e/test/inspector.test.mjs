// The inspector: what it says, what it draws, and what it copies.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openEngine } from "../../../bindings/web/dist/testing.js";
import { runCase } from "../../../bindings/web/test/support/vectors.mjs";
import { launch, until } from "../support/browser.mjs";
import { GalleryTab } from "../support/gallery-tab.mjs";
import { gallery } from "../support/gallery.mjs";
import { serve } from "../support/server.mjs";

let chromium;
let server;
before(async () => {
  const capped = gallery((document) => ({
    ...document,
    caps: { gentle: { max: 1, per: "1d" } },
    campaigns: document.campaigns.map((campaign) => (["top", "bottom"].includes(campaign.id) ? { ...campaign, transactional: false, caps: ["gentle"] } : campaign)),
  }));
  server = await serve({ "/gallery.json": JSON.stringify(capped) });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const opened = async (name, scheme = "light") => {
  const tab = await GalleryTab.open(chromium.browser, server.url, { name }, (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
  await tab.eval(async () => {
    await import("/hearken/inspector.js");
    document.querySelector("main").append(document.createElement("hearken-inspector"));
    t.root = document.querySelector("hearken-inspector").shadowRoot;
    t.panel = () => t.root.querySelector("[role=tabpanel]:not([hidden])");
    t.tab = (name) => [...t.root.querySelectorAll("[role=tab]")].find(({ textContent }) => textContent === name).click();
  });
  return tab;
};
const says = (tab, text) => until(`it says “${text}”`, () => tab.eval((text) => t.panel().textContent.includes(text), text));

test("it finds its client, and says what is heard, decided, held back and until when", async () => {
  const tab = await opened("inspector");
  await tab.eval(() => t.client.track("looked", { sku: "A-1" }));
  await says(tab, "track looked");
  await says(tab, '{"sku":"A-1"}');
  await tab.show("top");
  await until("it is seen", () => tab.eval(() => t.lines().then((lines) => lines.some(({ type }) => type === "$shown"))));
  await tab.eval(() => t.frame().querySelector(".close").click());
  await tab.eval(() => t.client.cue("manual", "bottom"));
  await says(tab, "bottom: waiting, frequency");
  await tab.eval(() => t.tab("Caps"));
  await says(tab, "gentle");
  assert.match(await tab.eval(() => t.panel().textContent), /bottom.*\d{4}/s, "until when");
  await tab.eval(() => t.tab("Campaigns"));
  await says(tab, "frequency: ");
  await tab.eval(() => t.client.cue("manual", "card"));
  await tab.eval(() => t.tab("Inbox"));
  await says(tab, "Delivery is on us");
  await tab.eval(() => t.client.identify("u-7"));
  await tab.eval(() => t.tab("Person"));
  await says(tab, "u-7");
  await tab.eval(() => t.tab("Success"));
  await until("something is said", () => tab.eval(() => t.panel().textContent.length > 10));
  await tab.page.close();
});

/** Opens a campaign's row and presses one of its buttons. */
const press = async (tab, campaign, button) => {
  await tab.eval((campaign) => [...t.panel().querySelectorAll("details")].find((details) => details.querySelector(".name").textContent === campaign).open = true, campaign);
  await until(`there is ${button}`, () => tab.eval((name) => {
    const found = [...t.panel().querySelectorAll("button")].find(({ ariaLabel }) => ariaLabel === name);
    found?.click();
    return Boolean(found);
  }, `${button} ${campaign}`));
};
/** Everything that a display could leave behind. */
const traces = (tab) => tab.eval(async () => {
  await t.client.flush();
  const why = await Promise.all((await t.client.campaigns()).map((id) => t.client.explain(id)));
  return [await t.lines(), why.map(({ campaign, outcome, stage }) => [campaign, outcome, stage]), t.client.inbox.get(), await t.client.person(), await t.client.success().then(({ metrics }) => metrics)];
});

test("a preview says what a campaign would show, and draws nothing", async () => {
  const tab = await opened("preview");
  await tab.eval(() => t.tab("Campaigns"));
  await says(tab, "fullscreen");
  const before = await traces(tab);
  await press(tab, "modal", "Preview");
  await until("it is said", () => tab.eval(() => t.panel().querySelector("pre:not([hidden])")?.textContent.includes('"layout": "modal"')));
  assert.equal(await tab.eval(() => Boolean(t.frame())), false);
  assert.deepEqual(await traces(tab), before);
  await tab.page.close();
});

test("a forced campaign is on the page at once, marked, whatever holds it back; it leaves no trace, however it is used", async () => {
  const tab = await opened("forced");
  // The constraint of both banners is spent: on its own account the second one does not come today.
  await tab.show("top");
  await until("it is seen", () => tab.eval(() => t.lines().then((lines) => lines.some(({ type }) => type === "$shown"))));
  await tab.eval(() => t.frame().querySelector(".close").click());
  await tab.gone();
  await tab.eval(() => (t.client.cue("manual", "bottom"), t.tab("Campaigns")));
  await says(tab, "frequency");
  assert.equal(await tab.eval(() => Boolean(t.frame())), false);
  const before = await traces(tab);
  for (const campaign of ["bottom", "modal", "fullscreen", "toast", "tooltip", "inline", "card", "form", "preferences"]) {
    await press(tab, campaign, "Force");
    await until(`${campaign} stands`, () => tab.eval(() => Boolean(t.frame())));
    assert.deepEqual(await tab.eval(() => [t.frame().querySelector(".forced").textContent, t.frame().ariaLabel.startsWith("Forced, not recorded: ")]), [`Forced, not recorded: ${campaign}`, true]);
    if (campaign === "inline") assert.equal(await tab.eval(() => t.place().contains(t.frame())), true, "in its place");
    if (["bottom", "form"].includes(campaign)) {
      if (process.env.PICTURES) await tab.page.screenshot({ path: `${process.env.PICTURES}/forced-${campaign}.png` });
      await until("its entrance is over", () => tab.eval(() => t.frame().getAnimations().length === 0));
      assert.deepEqual(await tab.faults(), [], campaign);
    }
    await tab.eval(() => {
      for (const control of t.frame().querySelectorAll("[role=switch], input[type=radio], input[type=checkbox]")) control.click();
    });
    // Past its pages and out, by its own buttons.
    for (let n = 0; n < 4 && (await tab.eval(() => Boolean(t.frame()))); n++) {
      await tab.eval(() => (t.frame().querySelector(".primary") ?? t.frame().querySelector(".button")).click());
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await tab.gone();
  }
  assert.deepEqual(await traces(tab), before);
  await tab.page.close();
});

test("what a forced campaign covers comes back when that goes, and is counted once", async () => {
  const tab = await opened("covered");
  await tab.show("modal");
  await until("it is seen", () => tab.eval(() => t.lines().then((lines) => lines.some(({ type }) => type === "$shown"))));
  await tab.eval(() => t.client.preview("toast", { draw: true }));
  await until("the forced one stands", () => tab.eval(() => t.frame()?.className === "toast"));
  await tab.eval(() => t.frame().querySelector(".close").click());
  await until("the other one is back", () => tab.eval(() => t.frame()?.className === "modal" && !t.frame().querySelector(".forced")));
  await tab.eval(() => t.frame().querySelector(".close").click());
  await tab.gone();
  await tab.eval(() => t.client.flush());
  const kinds = (await tab.eval(() => t.lines())).map(({ type }) => type).filter((type) => /^.(use_|displaying|shown|dismissed|ended)/.test(type));
  assert.deepEqual(kinds, ["$use_reserved", "$displaying", "$use_committed", "$shown", "$dismissed", "$ended"]);
  await tab.page.close();
});

test("what happened is copied as a vector, and the engine repeats it", async () => {
  const tab = await opened("copied");
  const vector = await tab.eval(async () => {
    // From its beginning: the inspector hears what comes after it.
    const { createClient } = await import("/hearken/index.js");
    t.root.host.client = createClient({ name: "vector", playbook: "/gallery.json", logLevel: "none", consent: { analytics: true, messaging: true, personalization: true } });
    const client = t.root.host.client;
    await client.ready;
    const renderer = { show: (presentation) => presentation.begin().then(() => (presentation.visible(), presentation.click("go"))), withdraw() {} };
    client.attach(renderer);
    client.track("looked", { sku: "A-1" });
    client.cue("manual", "top");
    while (!(await client.explain("top")).last) await new Promise((resolve) => setTimeout(resolve, 20));
    await client.flush();
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.cue("manual", "bottom");
    await client.flush();
    const told = new Promise((resolve) => document.addEventListener("hearken-vector", ({ detail }) => resolve(detail), { once: true }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    t.panel().querySelector(".tools button").click();
    return JSON.parse(await told);
  });
  const kinds = vector.steps.flatMap(({ expect }) => expect.records);
  assert.ok(["looked", "$triggered", "$displaying", "$shown", "$clicked", "$ended"].every((kind) => kinds.includes(kind)), kinds.join());
  assert.deepEqual(await runCase(vector, openEngine, () => ""), []);
  await tab.page.close();
});

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing in it, ${scheme}`, async () => {
    const tab = await opened(`faults-${scheme}`, scheme);
    await tab.eval(() => (t.client.track("looked"), t.client.cue("manual", "toast")));
    for (const view of ["Live", "Campaigns", "Caps", "Inbox", "Person", "Success"]) {
      await tab.eval((view) => t.tab(view), view);
      await until("it is drawn", () => tab.eval(() => t.panel().childElementCount > 0));
      assert.deepEqual(await tab.faults(), [], view);
    }
    assert.deepEqual(await tab.eval(() => t.violations), []);
    await tab.page.close();
  });
}
