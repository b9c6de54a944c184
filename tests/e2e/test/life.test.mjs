// A client's life beside its messages: switched off and on again, closed and followed by another, and asked too late.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Tab } from "../support/app.mjs";
import { launch, until } from "../support/browser.mjs";
import { playbook } from "../support/playbook.mjs";
import { serve } from "../support/server.mjs";

let chromium;
let server;
const answers = { "/playbook.json": JSON.stringify(playbook()), "/often.json": JSON.stringify(playbook({ caps: {}, limit: { times: 100 } })), "/other.wasm": Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) };
before(async () => {
  server = await serve(answers);
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const open = (query) => Tab.open(chromium.browser, server.url, query);

/** What each of the calls that say something about the person is answered, and what `on("diagnostic")` hears of them. */
const said = (tab) =>
  tab.eval(() => {
    const from = t.diagnostics.length;
    const { client } = t;
    const verdicts = [client.setConsent({ messaging: false }), client.reset(), client.disable(), client.enable()].map(({ verdict, rejection }) => rejection?.code ?? verdict);
    return { verdicts, heard: t.diagnostics.slice(from).map(({ code, input, rejection }) => `${code} ${input} ${rejection.code}`) };
  });
const refused = (code) => ({ verdicts: Array(4).fill(code), heard: ["consent", "reset", "switch", "switch"].map((input) => `input_rejected ${input} ${code}`) });

test("a choice, a goodbye and a switch that are not taken are answered so, and told to whoever runs the page", async () => {
  const tab = await open({ name: "late" });
  assert.deepEqual(await said(tab), { verdicts: Array(4).fill("queued"), heard: [] });
  await tab.eval(() => t.client.close());
  assert.deepEqual(await said(tab), refused("closed"));
  const blocked = await open({ name: "none", csp: "no-wasm" });
  assert.deepEqual(await said(blocked), refused("wasm_blocked"));
  assert.deepEqual([...tab.errors, ...blocked.errors], []);
});

test("what comes too late or is too much is refused with that, and not with what was wrong before", async () => {
  const tab = await open({ name: "full", playbook: "/nowhere.json" });
  assert.equal(await tab.eval(() => t.status.error.code), "playbook_unreachable");
  const verdicts = await tab.eval(() => Array.from({ length: 9_001 }, () => t.client.track("cart_updated", { items: 0 })).map(({ rejection }) => rejection?.code ?? "queued"));
  assert.deepEqual([verdicts.indexOf("backpressure"), verdicts.length], [9_000, 9_001]);
  await tab.eval(() => void t.client.close());
  assert.equal(await tab.eval(() => t.client.person().catch(({ code }) => code)), "closed");
});

for (const [what, wasm] of [["is no address", "http://"], ["is another one", "/other.wasm"]]) {
  test(`a module that ${what} leaves a client that is open, and says so`, async () => {
    const tab = await open({ name: "module", wasm });
    assert.deepEqual(await tab.eval(() => [t.status.store, t.status.error.code]), ["none", "wasm_unavailable"]);
    assert.deepEqual(await tab.track({ items: 1 }), { verdict: "rejected", rejection: { code: "wasm_unavailable" } });
    assert.deepEqual(tab.errors, []);
  });
}

test("what is switched off installs and imports nothing, and says that it is switched off", async () => {
  const tab = await open({ name: "off" });
  const codes = await tab.eval(async () => {
    const state = await t.client.exportState();
    t.client.disable();
    const code = (promise) => promise.then(() => "taken", ({ name, code }) => `${name} ${code}`);
    return [await code(t.client.install("/playbook.json")), await code(t.client.importState(state))];
  });
  assert.deepEqual(codes, Array(2).fill("HearkenError disabled"));
  await tab.eval(() => {
    t.client.track("cart_updated", { items: 1 });
    t.client.identify("u-1");
    t.client.reset();
    return t.client.flush();
  });
  const heard = (await tab.look("diagnostics")).map(({ code, input, rejection }) => `${code} ${input} ${rejection.code}`);
  assert.deepEqual(heard, ["input_rejected identify disabled", "input_rejected reset disabled"], "what is recorded of nobody was asked for");
});

/** A second revision: it asks for a value of the host, and fills a place. */
function second() {
  const document = playbook({ revision: 2 });
  const [campaign] = document.campaigns;
  document.messages.hero = { layout: "inline", pages: [[{ heading: "In its place" }]] };
  campaign.audience = { $host: { app_version: "2.0" } };
  document.campaigns.push({ id: "hero", channel: ["in_browser"], trigger: campaign.trigger, placement: "hero", message: "hero" });
  document.campaigns.push({ ...campaign, id: "more", caps: [], trigger: { event: "cart_updated", where: { items: { $gte: 5 } } } });
  return JSON.stringify(document);
}

test("a page that is opened while switched off is whole once it is switched on: its playbook, the host's values, its places", async () => {
  const name = "on";
  answers["/moving.json"] = JSON.stringify(playbook());
  const tab = await open({ name, playbook: "/moving.json" });
  await tab.eval(() => t.client.disable());
  await tab.flush();
  answers["/moving.json"] = second();
  const place = () => {
    t.client.host({ app_version: "2.0" });
    document.body.append(Object.assign(document.createElement("hearken-placement"), { id: "hero" }));
    document.getElementById("hero").setAttribute("name", "hero");
    // Its name was not there when it came.
    document.body.append(document.getElementById("hero"));
    return t.client.flush();
  };
  await tab.go({ name, playbook: "/moving.json" });
  await tab.eval(place);
  const other = await open({ name, playbook: "/moving.json" });
  await other.eval(place);
  await tab.page.bringToFront();
  assert.deepEqual(await tab.eval(() => t.client.enable()), { verdict: "queued" });
  await tab.track({ items: 1 });
  await tab.drawn();
  await until("the place is filled", () => tab.eval(() => document.getElementById("hero").shadowRoot.textContent.includes("In its place")));
  assert.deepEqual(await tab.look("reports"), []);

  // What another tab switched on is on here as well.
  await other.page.bringToFront();
  await other.track({ items: 5 });
  await until("its message is offered there", async () => (await other.look("offers")).some(({ campaign }) => campaign === "more"));
});

test("a closed client lets go of the page, and the next one takes it", async () => {
  const tab = await open({ name: "next", playbook: "/often.json" });
  await tab.eval(() => {
    // The app's own element, and one that the app gave the client itself.
    document.body.append(document.createElement("hearken-placement"));
    window.own = document.createElement("hearken-messages");
    window.own.setAttribute("placement", "own");
    window.own.client = t.client;
  });
  const left = () => tab.eval(() => [document.querySelectorAll("hearken-messages").length, Boolean(document.querySelector("hearken-placement").client), t.client.closed]);
  assert.deepEqual(await left(), [1, true, false]);
  await tab.track({ items: 1 });
  await tab.drawn();
  await tab.eval(() => t.client.close());
  assert.deepEqual(await left(), [0, false, true]);
  const given = await tab.eval(async () => {
    document.body.append(window.own);
    t.client = t.create();
    t.client.mount(document.body);
    await t.client.ready;
    return [...document.querySelectorAll("hearken-messages, hearken-placement")].map((element) => element.client === t.client);
  });
  assert.deepEqual(given, [true, true, true]);
  await tab.track({ items: 1 });
  await until("its message is drawn", () => tab.eval(() => [...document.querySelectorAll("hearken-messages")].some(({ shadowRoot }) => shadowRoot.querySelector("dialog[open]"))));
  assert.deepEqual(tab.errors, []);
});

test("what mount did is undone by its answer, and leaves what the app put there", async () => {
  const tab = await open({ name: "undone", headless: "" });
  const seen = await tab.eval(() => {
    const messages = document.body.appendChild(document.createElement("hearken-messages"));
    const place = document.createElement("hearken-placement");
    const undo = t.client.mount(document.body);
    document.body.append(place);
    const before = [messages, place].map(({ client }) => client === t.client);
    undo();
    undo();
    const later = document.body.appendChild(document.createElement("hearken-placement"));
    return { before, after: [messages, place, later].map(({ client, isConnected }) => client === undefined && isConnected), elements: document.querySelectorAll("hearken-messages").length };
  });
  assert.deepEqual(seen, { before: [true, true], after: [true, true, true], elements: 1 });
});
