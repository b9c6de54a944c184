// What elements do in Chromium beside what keyboard.test.mjs and looks.test.mjs see in three engines: drafts, anchors,
// placements, themes, and that nothing moves the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, pause, until } from "../support/browser.mjs";
import { GalleryTab } from "../support/gallery-tab.mjs";
import { gallery } from "../support/gallery.mjs";
import { serve } from "../support/server.mjs";

const THEME = {
  light: { background: "#fffdf5", text: "#1b1b1f", button: "#0b57d0", button_text: "#ffffff", muted: "#50463a" },
  dark: { background: "#10141f", text: "#f2f0f4", button: "#a8c7fa", button_text: "#062e6f", evil: "red} * { display: none", loads: "url(https://example.com/x)" },
};

let chromium;
let server;
before(async () => {
  server = await serve({ "/gallery.json": JSON.stringify(gallery()), "/themed.json": JSON.stringify(gallery((document) => ({ ...document, theme: THEME }))) });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const open = (query, prepare) => GalleryTab.open(chromium.browser, server.url, query, prepare);

test("a form is answered with the keyboard: what is missing is said, branches follow the answers, and only the end is recorded", async () => {
  const tab = await open({ name: "keys-form" });
  await tab.show("form");
  await tab.press("Tab", "Tab", "Space");
  for (let n = 0; n < 9; n++) await tab.press("ArrowRight");
  assert.equal(await tab.focused(), "input 9");
  // Past the questions to the button.
  for (let n = 0; n < 20 && (await tab.focused()) !== "button Add it"; n++) await tab.press("Tab");
  await tab.press("Enter");
  assert.equal(await tab.focused(), "input Within two days", "what is required and not answered has the focus");
  const told = await tab.eval(() => {
    const group = t.host().activeElement.closest("fieldset");
    return [group.ariaInvalid, t.host().getElementById(group.getAttribute("aria-describedby")).textContent];
  });
  assert.deepEqual(told, ["true", "Required"]);
  await tab.press("Space");
  for (let n = 0; n < 20 && (await tab.focused()) !== "input Your email"; n++) await tab.press("Tab");
  await tab.page.keyboard.type("nobody");
  await tab.press("Enter");
  assert.equal(await tab.eval(() => [...t.frame().querySelectorAll(".error:not([hidden])")].map(({ textContent }) => textContent).join()), "Enter an email address");
  await tab.page.keyboard.type("@example.com");

  // A reload in the middle: the same page with the same answers, and nothing of them is recorded yet.
  await tab.page.reload();
  await until("the form stands again", () => tab.eval(() => Boolean(window.t?.frame?.())));
  assert.deepEqual(await tab.eval(() => [t.frame().querySelector("[type=email]").value, [...t.frame().querySelectorAll(":checked")].length]), ["nobody@example.com", 2]);
  assert.equal((await tab.eval(() => t.lines())).filter(({ type }) => type === "answered" || type === "$page").length, 0);
  await tab.eval(() => t.frame().querySelector(".primary").click());
  await until("nine of ten is glad", () => tab.eval(() => t.frame()?.textContent.includes("good to hear")));
  assert.match(await tab.focused(), /^dialog/);
  await tab.eval(() => t.frame().querySelector(".button").click());
  await until("back at the questions", () => tab.eval(() => t.frame()?.querySelector("form") !== null));
  assert.equal(await tab.eval(() => t.frame().querySelector("[type=email]").value), "nobody@example.com");
  await tab.press("Escape");
  await tab.gone();
  await tab.eval(() => t.client.flush());
  const [answered] = (await tab.eval(() => t.lines())).filter(({ type }) => type === "answered");
  assert.deepEqual(answered.data, { mail: "nobody@example.com", score: 9, used: [1] });
  assert.equal(await tab.eval(() => Object.keys(sessionStorage).filter((key) => key.includes("draft")).length), 0, "no draft is left");
});

test("choices that come at once add up", async () => {
  const tab = await open({ name: "choices" });
  await tab.eval(() => {
    t.client.setConsent({ analytics: false });
    t.client.setConsent({ personalization: false });
  });
  await until("only one is left", async () => (await tab.eval(() => t.client.person())).consent.join() === "messaging");
  // A consent tool has words of its own.
  await tab.eval(() => t.client.setConsent({ analytics: "denied", messaging: "granted", personalization: 1 }));
  await until("nothing but `true` is a consent", async () => (await tab.eval(() => t.client.person())).consent.length === 0);
});

test("banners, toasts and tooltips leave the focus where it is, are told once, and Escape inside leaves them", async () => {
  const tab = await open({ name: "keys-beside" });
  for (const layout of ["top", "bottom", "toast", "tooltip"]) {
    await tab.page.focus("#before");
    await tab.show(layout);
    assert.equal(await tab.focused(), "button Before", layout);
    await until("it is told", () => tab.eval(() => t.host().querySelector("[role=status]").textContent.includes("Keep your cart until midnight.")));
    assert.equal(await tab.eval(() => t.frame().role), "region");
    assert.notEqual(await tab.eval(() => t.frame().ariaLabel), "");
    for (let n = 0; n < 12 && (await tab.focused()) !== "button Close"; n++) await tab.press("Tab");
    assert.equal(await tab.focused(), "button Close", layout);
    await tab.press("Escape");
    await tab.gone();
    await tab.eval(() => t.client.flush());
  }
  assert.equal((await tab.eval(() => t.lines())).filter(({ type }) => type === "$dismissed").length, 4);
  assert.equal(await tab.eval(() => t.shifts.reduce((sum, value) => sum + value, 0)), 0, "layout shift");
});

test("a tooltip stands beside its anchor, follows it, waits for one that is not there yet, and goes with it", async () => {
  const tab = await open({ name: "anchored" });
  await tab.show("tooltip");
  const gap = () => tab.eval(() => {
    const [frame, anchor] = [t.frame().getBoundingClientRect(), document.getElementById("anchor").getBoundingClientRect()];
    return [t.frame().dataset.side, Math.round(t.frame().dataset.side === "below" ? frame.top - anchor.bottom : anchor.top - frame.bottom)];
  });
  assert.deepEqual(await gap(), ["below", 10]);
  await tab.eval(() => (document.querySelector("main").style.paddingTop = "120px"));
  await until("it follows", async () => (await gap())[1] === 10);
  await tab.page.setViewport({ width: 400, height: 500 });
  await until("it stays in the window", () => tab.eval(() => t.frame().getBoundingClientRect().right <= innerWidth && t.frame().getBoundingClientRect().left >= 0));
  await tab.page.setViewport({ width: 1024, height: 768 });
  await tab.eval(() => scrollTo(0, 1500));
  await until("scrolled away with its anchor", () => tab.eval(() => getComputedStyle(t.frame()).visibility === "hidden"));
  await tab.eval(() => scrollTo(0, 0));
  await tab.eval(() => document.getElementById("anchor").remove());
  await tab.gone();
  await tab.eval(() => t.client.cue("manual", "lost"));
  await pause(300);
  assert.equal(await tab.eval(() => Boolean(t.frame())), false);
  await tab.eval(() => document.querySelector("main").append(Object.assign(document.createElement("p"), { id: "late", textContent: "Late" })));
  await until("it stands beside what came", () => tab.eval(() => Boolean(t.frame())));
});

test("a placement keeps its space: what fills it moves nothing, and what stood there comes back", async () => {
  const tab = await open({ name: "placement" });
  const top = () => tab.eval(() => document.getElementById("after").getBoundingClientRect().top);
  const at = await top();
  assert.equal(await tab.eval(() => document.getElementById("fallback").checkVisibility()), true);
  await tab.show("inline");
  assert.equal(await tab.eval(() => document.getElementById("fallback").checkVisibility()), false);
  assert.equal(await top(), at);
  await pause(600);
  assert.equal(await tab.eval(() => t.shifts.reduce((sum, value) => sum + value, 0)), 0, "layout shift");
  await tab.eval(() => t.frame().querySelector(".button").click());
  await until("what stood there", () => tab.eval(() => document.getElementById("fallback").checkVisibility()));
});

test("the bell counts, opens with the keyboard and closes with Escape; cards are read, used and removed", async () => {
  const tab = await open({ name: "inbox" });
  await tab.show("card");
  await tab.show("pinned");
  await until("two are counted", () => tab.eval(() => document.querySelector("hearken-bell").shadowRoot.querySelector(".bell").ariaLabel === "Inbox, Unread: 2"));
  await tab.press("Tab");
  assert.equal(await tab.focused(), "button Inbox, Unread: 2");
  await tab.press("Enter");
  await until("the panel has the focus", async () => (await tab.focused()).startsWith("section Inbox"));
  const met = await tab.walk();
  assert.deepEqual(met.filter((name) => !name.startsWith("body")).slice(0, 4), ["a Terms", "button Remove: Delivery is on us", "a Terms", "button Add it"]);
  const cards = () => tab.eval(() => t.client.inbox.get().cards.map(({ message, read, seen }) => [message.label, read, seen]));
  await until("both are seen", async () => (await cards()).every(([, , seen]) => seen));
  const inbox = () => "document.querySelector('hearken-bell').shadowRoot.querySelector('hearken-inbox').shadowRoot";
  await tab.page.evaluate(`${inbox()}.querySelector(".button").click()`);
  assert.deepEqual(await tab.eval(() => t.links), ["shop://card"]);
  await until("it is read", async () => (await cards()).some(([label, read]) => label === "Delivery is on us" && read));
  await tab.page.evaluate(`${inbox()}.querySelector(".close").click()`);
  await until("one is left", async () => (await cards()).length === 1);
  await tab.page.focus("hearken-bell");
  await tab.press("Escape");
  await until("closed", () => tab.eval(() => !document.querySelector("hearken-bell").shadowRoot.querySelector(":popover-open")));
  assert.deepEqual((await tab.eval(() => t.lines())).filter(({ type }) => type.startsWith("$card_") || type === "$clicked").map(({ type }) => type).toSorted(),
    ["$card_dismissed", "$card_made", "$card_made", "$card_read", "$card_seen", "$card_seen", "$clicked"]);
});

test("a custom layout is the delegate's", async () => {
  const tab = await open({ name: "custom" });
  await tab.eval(() => t.client.cue("manual", "custom"));
  await until("it is handed over", () => tab.eval(() => t.drawn.length === 1));
  assert.deepEqual(await tab.eval(async () => [t.drawn[0].message.data, await t.drawn[0].begin()]), [{ colour: "sunset", text: "Delivery is on us" }, true]);
  await tab.eval(() => (t.drawn[0].visible(), t.drawn[0].dismiss(), t.client.flush()));
  assert.deepEqual((await tab.eval(() => t.lines())).filter(({ type }) => ["$shown", "$dismissed"].includes(type)).map(({ type }) => type), ["$shown", "$dismissed"]);
});

test("the playbook's theme colours elements, the page's own properties win, and no value leaves its declaration", async () => {
  const tab = await open({ name: "themed", playbook: "/themed.json" }, (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]));
  await tab.show("modal");
  const colours = () => tab.eval(() => [getComputedStyle(t.frame()).backgroundColor, getComputedStyle(t.frame().querySelector(".primary")).backgroundColor]);
  assert.deepEqual(await colours(), ["rgb(16, 20, 31)", "rgb(168, 199, 250)"]);
  await tab.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  assert.deepEqual(await colours(), ["rgb(255, 253, 245)", "rgb(11, 87, 208)"]);
  await tab.eval(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("hearken-messages { --hearken-accent: rgb(1, 2, 3); }");
    document.adoptedStyleSheets.push(sheet);
  });
  assert.equal((await colours())[1], "rgb(1, 2, 3)");
  assert.deepEqual(await tab.faults(), []);
  assert.equal(await tab.eval(() => [...t.host().adoptedStyleSheets].at(-1).cssRules[0].cssText.includes("example.com")), false);
  assert.deepEqual(await tab.eval(() => [t.host().innerHTML.includes("style="), t.violations]), [false, []]);
});
