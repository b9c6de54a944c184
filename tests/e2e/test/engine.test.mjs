// The rest of the engine through the client and the elements, in a page under the strict policy: forms, places, cards,
// the address, people, erasure.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Tab } from "../support/app.mjs";
import { launch, until } from "../support/browser.mjs";
import { serve } from "../support/server.mjs";

const campaign = (id, event, message, more = {}) => ({ id, channel: ["in_browser"], trigger: { event }, message, ...more });
const button = (label, ...actions) => ({ button: { label, role: "primary", actions } });
const PLAYBOOK = {
  spec: 1,
  id: "engine",
  revision: 1,
  plan: { mode: "open" },
  settings: { interval: "0ms" },
  campaigns: [
    campaign("survey", "survey", "survey"),
    campaign("toast", "toast", "toast"),
    campaign("rich", "rich", "rich"),
    campaign("place", "place", "place", { placement: "hero" }),
    campaign("card", "card", "card", { channel: ["inbox"] }),
    campaign("here", "here", "rich", { audience: { $host: { "url.path": "/elsewhere" } } }),
    campaign("later", "later", "rich"),
  ],
  messages: {
    survey: {
      layout: "fullscreen",
      pages: [
        {
          id: "score",
          blocks: [
            { heading: "How likely?" },
            { field: { kind: "nps", name: "score", label: "From 0 to 10", required: true } },
            button("On", "next"),
          ],
          next: [{ where: { score: { $gte: 9 } }, page: "thanks" }],
        },
        {
          id: "why",
          blocks: [
            { field: { kind: "multi", name: "what", label: "What was wrong?", required: true, other: true, options: [{ value: "slow", label: "Slow" }, { value: "dear", label: "Dear" }] } },
            { field: { kind: "email", name: "mail", label: "Your address" } },
            button("Back", "previous"),
            button("Send", { submit: { event: "answered" } }, "next"),
          ],
        },
        { id: "thanks", blocks: [{ heading: "Thank you" }, button("Done", "dismiss")] },
      ],
    },
    toast: { layout: "toast", auto_dismiss: "300ms", pages: [[{ text: "Saved" }]] },
    rich: {
      layout: "banner",
      position: "top",
      pages: [
        [
          { text: [{ text: "<b>Now</b>", bold: true, italic: true }, { break: true }, { text: "read", link: "/more" }] },
          "divider",
          { list: { items: ["one", "two"], ordered: true } },
          { progress: { value: 30, label: "Points" } },
          button("Tell", { custom: { name: "tell", data: { a: 1 } } }),
        ],
      ],
    },
    place: { layout: "inline", pages: [[{ heading: "In its place" }]] },
    card: { layout: "card", pages: [[{ heading: "A card" }]] },
  },
};

let chromium;
let server;
before(async () => {
  server = await serve({ "/playbook.json": JSON.stringify(PLAYBOOK) });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const open = (query) => Tab.open(chromium.browser, server.url, query);
const say = (tab, name) => tab.eval((event) => t.client.track(event), name);
const region = (tab, layout) => tab.eval((name) => Boolean(document.querySelector("hearken-messages")?.shadowRoot.querySelector(`.${name}`)), layout);
const shadow = (tab, run) => tab.eval((body) => new Function("root", `return ${body}`)(document.querySelector("hearken-messages").shadowRoot), run);

test("a form: required answers are asked for, pages branch and turn back, the answers are the event's properties", async () => {
  const tab = await open({ name: "survey" });
  await say(tab, "survey");
  await tab.drawn();
  await tab.press("On");
  assert.equal(await tab.eval(() => [...t.dialog().querySelectorAll(".error:not([hidden])")].map(({ textContent }) => textContent).join()), "Required", "nothing is chosen yet");
  assert.deepEqual(await tab.eval(() => [...t.dialog().querySelectorAll("label")].map((label) => label.textContent)), Array.from({ length: 11 }, (_, n) => `${n}`));
  const pick = async (label) => (await tab.page.waitForSelector(`aria/${label}`, { timeout: 5_000 })).click();
  await pick("4");
  await tab.press("On");
  await until("the second page", () => tab.eval(() => t.dialog().querySelector("legend").textContent === "What was wrong?"));
  assert.equal(await tab.eval(() => t.dialog().getRootNode().activeElement === t.dialog()), true, "the focus begins again");
  await tab.press("Send");
  assert.equal(await tab.eval(() => [...t.dialog().querySelectorAll(".error:not([hidden])")].map(({ textContent }) => textContent).join()), "Required", "one of several is needed");
  await tab.press("Back");
  assert.equal(await tab.eval(() => t.dialog().querySelectorAll("input")[4].checked), true, "what was answered is still there");
  await tab.press("On");
  await until("the second page again", () => tab.eval(() => t.dialog().querySelector("legend").textContent === "What was wrong?"));
  await pick("Dear");
  await tab.eval(() => {
    const [own] = [...t.dialog().querySelectorAll("input:not([type=checkbox], [type=email])")];
    own.value = "Loud";
    own.dispatchEvent(new Event("input"));
  });
  await tab.press("Send");
  await until("the last page", () => tab.eval(() => t.dialog().querySelector("h2")?.textContent === "Thank you"));
  await tab.press("Done");
  await until("it is gone", async () => !(await tab.dialogOpen()));
  await tab.flush();
  const lines = await tab.lines();
  assert.deepEqual(lines.find(({ type }) => type === "answered").data, { score: 4, what: ["dear", "Loud"] });
  assert.deepEqual(lines.filter(({ type }) => type === "$page").map(({ data }) => data.page), ["why", "thanks"]);
  assert.equal(lines.filter(({ type }) => type === "$submitted").length, 1);
  assert.deepEqual(await tab.look("violations"), []);
  assert.deepEqual(tab.errors, []);
});

test("a toast goes by itself, and is told as a status", async () => {
  const tab = await open({ name: "toast" });
  await say(tab, "toast");
  await until("it stands", () => region(tab, "toast"));
  await until("it is told", () => shadow(tab, "root.querySelector('[role=status]').textContent === root.querySelector('.toast .text').textContent"));
  await until("it is gone", async () => !(await region(tab, "toast")));
  await tab.flush();
  assert.deepEqual(await tab.kinds("$ended"), ["$ended auto"]);
});

test("spans are nodes: nothing of a text is markup, and a link leads to a page", async () => {
  const tab = await open({ name: "rich" });
  await say(tab, "rich");
  await until("it stands", () => region(tab, "banner"));
  assert.equal(await shadow(tab, "root.querySelector('.text strong em').textContent"), "<b>Now</b>");
  assert.equal(await shadow(tab, "root.querySelector('.text a').href"), `${server.url}/more`);
  assert.deepEqual(await shadow(tab, "[...root.querySelectorAll('ol li')].map((item) => item.textContent)"), ["one", "two"]);
  assert.equal(await shadow(tab, "root.querySelector('progress').value"), 30);
  const told = await tab.eval(() => new Promise((resolve) => {
    document.addEventListener("hearken-custom", ({ detail }) => resolve(detail));
    document.querySelector("hearken-messages").shadowRoot.querySelector(".button").click();
  }));
  assert.deepEqual(told, { name: "tell", data: { a: 1 } });
  assert.deepEqual(await tab.look("violations"), []);
});

test("what fills a place is drawn there, in every tab under one id, and once more after a remount", async () => {
  const tab = await open({ name: "place" });
  const other = await open({ name: "place" });
  const mount = (of) => of.eval(() => {
    const element = document.createElement("hearken-messages");
    element.setAttribute("placement", "hero");
    element.id = "hero";
    element.client = t.client;
    document.body.append(element);
  });
  const stands = (of) => of.eval(() => document.getElementById("hero")?.shadowRoot.querySelector("section.inline h2")?.textContent === "In its place");
  await tab.page.bringToFront();
  await say(tab, "place");
  await tab.flush();
  assert.deepEqual(await tab.look("offers"), [], "there is no such place yet");
  await mount(tab);
  await until("it is drawn", () => stands(tab));
  await tab.eval(() => document.getElementById("hero").remove());
  await mount(tab);
  await until("it is drawn again", () => stands(tab));
  await other.page.bringToFront();
  await mount(other);
  await until("it is drawn there too", () => stands(other));
  const ids = [...(await tab.look("offers")), ...(await other.look("offers"))].map(({ id }) => id);
  assert.equal(new Set(ids).size, 1);
  await tab.flush();
  assert.deepEqual(await tab.kinds("$use_reserved", "$ended"), ["$use_reserved"]);
});

test("cards: the inbox is one in all tabs, the same object until it changes", async () => {
  const tab = await open({ name: "inbox" });
  const other = await open({ name: "inbox" });
  await other.eval(() => (t.heard = 0, t.client.inbox.subscribe(() => t.heard++)));
  await say(tab, "card");
  await tab.flush();
  const inbox = (of) => of.eval(() => t.client.inbox.get());
  assert.equal((await inbox(tab)).unread, 1);
  await other.page.bringToFront();
  await until("the other tab hears of it", async () => (await inbox(other)).unread === 1);
  const [{ card, message }] = (await inbox(other)).cards;
  assert.equal(message.pages[0].blocks[0].heading, "A card");
  assert.equal(await other.eval(() => t.client.inbox.get() === t.client.inbox.get()), true);
  await other.eval((id) => t.client.inbox.act(id, "read"), card);
  await other.flush();
  assert.deepEqual([(await inbox(other)).unread, (await inbox(other)).cards[0].read, await other.eval(() => t.heard)], [0, true, 2]);
  await tab.page.bringToFront();
  await until("the first tab hears of it", async () => (await inbox(tab)).unread === 0);
});

test("conditions may ask for the address, which follows the page's routes", async () => {
  const tab = await open({ name: "route" });
  await say(tab, "here");
  await tab.flush();
  assert.deepEqual((await tab.look("decisions")).at(-1).reason.code, "audience");
  await tab.eval(() => history.pushState(null, "", "/elsewhere"));
  await say(tab, "here");
  await until("it stands", () => region(tab, "banner"));
});

test("a person leaves and comes back; another person's state is refused, and one's own taken over", async () => {
  const tab = await open({ name: "people" });
  const state = await tab.eval(async () => {
    t.client.identify("u-1");
    t.client.attribute("points", 2);
    t.client.attribute("points", 3, "increment");
    const state = await t.client.exportState();
    t.client.reset();
    return state;
  });
  assert.equal(JSON.parse(state).attributes.points.value, 5);
  const wrong = await tab.eval((given) => t.client.importState(given).catch(({ name, code }) => [name, code]), state);
  assert.deepEqual(wrong, ["HearkenError", "wrong_user"]);
  const device = await open({ name: "device" });
  await device.eval(async (given) => (t.client.identify("u-1"), t.client.importState(given)), state);
  assert.equal(JSON.parse(await device.eval(() => t.client.exportState())).attributes.points.value, 5);
});

test("a preview records nothing; a disabled client neither", async () => {
  const tab = await open({ name: "preview" });
  const { message } = await tab.eval(() => t.client.preview("survey"));
  assert.deepEqual([message.layout, message.pages.length, message.lang], ["fullscreen", 3, "en"]);
  assert.equal((await tab.eval(() => t.client.preview("nothing"))).reason.code, "unknown");
  const before = (await tab.lines()).length;
  await tab.eval(() => t.client.disable());
  await say(tab, "toast");
  await tab.flush();
  assert.deepEqual((await tab.lines()).slice(before).map(({ type }) => type), ["$switched"]);
  await tab.page.reload();
  await tab.ready();
  await tab.eval(() => t.client.enable());
  await say(tab, "toast");
  await until("it stands", () => region(tab, "toast"));
});

test("an erasure empties the database for every tab, and the campaigns go on", async () => {
  const name = "erase";
  const tab = await open({ name });
  const other = await open({ name });
  await tab.page.bringToFront();
  await say(tab, "secret");
  await say(tab, "survey");
  await tab.drawn();
  const receipt = await tab.eval(() => t.client.erase());
  assert.equal(receipt.profiles.length, 1);
  await until("what stood is gone", async () => !(await tab.dialogOpen()));
  await tab.flush();
  assert.deepEqual((await tab.lines()).map(({ type }) => type).slice(0, 3), ["$erase", "$consent", "$playbook_installed"]);
  assert.equal((await tab.lines())[0].data.profiles[0], receipt.profiles[0]);
  const stored = await tab.eval(async (database) => {
    const db = await new Promise((resolve) => (indexedDB.open(database).onsuccess = ({ target }) => resolve(target.result)));
    const all = await Promise.all([...db.objectStoreNames].map((store) => new Promise((resolve) => (db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result)))));
    db.close();
    return JSON.stringify(all);
  }, `hearken:${name}`);
  assert.equal(stored.includes("secret"), false);
  await other.page.bringToFront();
  await say(other, "toast");
  await until("the other tab goes on", () => region(other, "toast"));
  await other.flush();
  assert.deepEqual(await other.look("reports"), []);
  const lines = await other.lines();
  assert.deepEqual(lines.map(({ seq }) => seq), lines.map((_, place) => place + 1));
});

test("a delegate puts a message off for a while", async () => {
  const tab = await open({ name: "put-off", answer: "5s" });
  await say(tab, "later");
  await until("it was offered", async () => (await tab.look("offers")).length === 1);
  await tab.flush();
  assert.equal((await tab.lines()).filter(({ type }) => type === "$use_refunded").length, 1);
  const [, again] = (await tab.lines()).filter(({ type }) => type === "$triggered");
  assert.equal(again.data.due - again.ts, 5_000);
});
