// The whole way of one message, in one tab under the strict policy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Tab } from "../support/app.mjs";
import { launch, until } from "../support/browser.mjs";
import { playbook } from "../support/playbook.mjs";
import { serve } from "../support/server.mjs";

let chromium;
let server;
before(async () => {
  const broken = playbook({ picture: "/absent.svg" });
  server = await serve({ "/playbook.json": JSON.stringify(playbook()), "/often.json": JSON.stringify(playbook({ caps: {}, limit: { times: 100 } })), "/broken.json": JSON.stringify(broken) });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const open = (query) => Tab.open(chromium.browser, server.url, query);

test("track, draw, see, click, export, acknowledge, reload: shown once, and the reason says why", async () => {
  const tab = await open({ name: "slice" });
  assert.deepEqual(await tab.look("status"), { store: "indexeddb" });
  assert.deepEqual(await tab.track({ items: 0 }), { verdict: "queued" });
  await tab.flush();
  assert.equal(await tab.dialogOpen(), false);

  await tab.track({ items: 2 });
  await tab.drawn();
  await until("the fade is over and a hit test finds the message", () => tab.eval(() => {
    const { left, top, width, height } = t.dialog().getBoundingClientRect();
    return width > 200 && height > 100 && document.elementFromPoint(left + width / 2, top + height / 2)?.localName === "hearken-messages";
  }));
  await tab.seen();
  await tab.press("Add it");
  await until("it is gone", async () => !(await tab.dialogOpen()));
  await tab.flush();

  const lines = await tab.lines();
  assert.deepEqual(lines.map(({ type }) => type), [
    "$consent", "$playbook_installed", "$session_start", "$app_open", "cart_updated",
    "cart_updated", "$triggered", "$use_reserved", "$displaying", "$use_committed", "$shown", "$clicked", "$ended", "offer_accepted",
  ]);
  assert.deepEqual(lines.map(({ seq }) => seq), lines.map((_, place) => place + 1));
  assert.equal(lines.find(({ type }) => type === "$clicked").data.target, "accept");
  assert.deepEqual(lines.at(-1).data, { code: "D" });

  const [first, second] = await tab.eval(async () => {
    const all = await t.lines();
    const small = [];
    for await (const batch of t.client.export({ max: 3 })) small.push(...batch.records);
    return [all, small];
  });
  assert.deepEqual(second, first, "the same bytes again, however large the batches");
  const rest = await tab.eval(async () => {
    const batches = t.client.export({ max: 10 });
    const { value } = await batches.next();
    await value.acknowledge();
    await batches.return();
    return [value.from, value.to, await t.lines()];
  });
  assert.deepEqual(rest.slice(0, 2), [1, 10]);
  assert.deepEqual(rest[2], first.slice(10), "what was acknowledged does not return");
  await tab.eval(async () => {
    for await (const batch of t.client.export()) await batch.acknowledge();
  });
  assert.deepEqual(await tab.lines(), []);

  await tab.page.reload();
  await tab.ready();
  await tab.track({ items: 3 });
  await tab.flush();
  assert.equal(await tab.dialogOpen(), false);
  assert.deepEqual(await tab.look("decisions"), [{ campaign: "offer", outcome: "stopped", stage: "limit", reason: { code: "limit", times: 1 } }]);
  const why = await tab.eval(() => t.client.explain("offer"));
  assert.equal(why.last.reason.code, "limit");
  assert.deepEqual((await tab.lines()).map(({ type }) => type), ["cart_updated"]);
  assert.deepEqual(await tab.look("violations"), []);
  assert.deepEqual(tab.errors, []);
});

test("a message is a named modal dialog: focus goes in and comes back, Escape dismisses, a deep link is the host's", async () => {
  const tab = await open({ name: "dialog", playbook: "/often.json" });
  await tab.eval(() => document.getElementById("before").focus());
  await tab.track({ items: 1 });
  await tab.drawn();
  const tree = await tab.page.accessibility.snapshot({ interestingOnly: true });
  const dialog = (node) => (node.role === "dialog" ? node : (node.children ?? []).map(dialog).find(Boolean));
  const found = dialog(tree);
  assert.equal(found?.name, "Delivery is on us");
  assert.equal(found.modal, true);
  assert.deepEqual(found.children.map(({ role, name }) => `${role} ${name}`).filter((line) => !line.startsWith("StaticText")), ["button Close", "image A parcel", "heading Delivery is on us", "button Add it", "button Go there", "button Not now"]);
  assert.equal(await tab.eval(() => t.dialog().matches(":modal") && t.dialog().getRootNode().activeElement === t.dialog()), true);
  assert.deepEqual(await tab.eval(() => [t.dialog().lang, t.dialog().dir]), ["en", "ltr"]);
  const small = await tab.eval(() => [...t.dialog().querySelectorAll("button")].filter((button) => button.offsetWidth < 44 || button.offsetHeight < 44).length);
  assert.equal(small, 0, "every target is 44 px or more");

  await tab.press("Go there");
  assert.deepEqual(await tab.look("links"), ["shop://cart"]);
  assert.equal(await tab.dialogOpen(), true, "it says that it stays");
  await tab.page.keyboard.press("Escape");
  await until("it is gone", async () => !(await tab.dialogOpen()));
  assert.equal(await tab.eval(() => document.activeElement.id), "before");
  await tab.flush();
  assert.deepEqual(await tab.kinds("$clicked", "$shown", "$dismissed", "$ended"), ["$shown", "$clicked", "$dismissed", "$ended dismissed"]);

  await tab.track({ items: 1 });
  await tab.drawn();
  await tab.press("Close");
  await until("it is gone", async () => !(await tab.dialogOpen()));
  await tab.flush();
  assert.equal((await tab.kinds("$dismissed")).length, 2);
  assert.deepEqual(await tab.look("violations"), []);
});

test("a picture that cannot be loaded is no display: the use goes back", async () => {
  const tab = await open({ name: "picture", playbook: "/broken.json" });
  await tab.track({ items: 1 });
  await until("it is reported", async () => (await tab.look("reports")).some(({ code }) => code === "image_failed"));
  await tab.flush();
  assert.deepEqual(await tab.kinds("$use_refunded", "$displaying", "$ended"), ["$use_refunded", "$ended unmounted"]);
  assert.equal(await tab.dialogOpen(), false);
});

test("a delegate discards, and a paused client holds back until it resumes", async () => {
  const tab = await open({ name: "delegate", answer: "discard" });
  await tab.track({ items: 1 });
  await until("it ended", async () => (await tab.kinds("$ended")).length > 0);
  assert.deepEqual(await tab.kinds("$displaying", "$ended"), ["$ended discarded"]);

  const paused = await open({ name: "paused" });
  await paused.eval(() => t.client.pause());
  await paused.track({ items: 1 });
  await paused.flush();
  assert.equal((await paused.look("decisions"))[0].reason.code, "paused");
  await paused.eval(() => t.client.resume());
  await paused.drawn();
});

test("withdrawing consent takes the message off the screen in the same step", async () => {
  const tab = await open({ name: "consent" });
  await tab.track({ items: 1 });
  await tab.drawn();
  await tab.eval(() => t.client.setConsent({ analytics: true, messaging: false, personalization: true }));
  await until("it is gone", async () => !(await tab.dialogOpen()));
  assert.deepEqual((await tab.look("withdrawn")).map(({ campaign }) => campaign), ["offer"]);
  assert.equal((await tab.eval(() => t.client.explain("offer"))).last.outcome, "offered");
  await tab.track({ items: 1 });
  await tab.flush();
  assert.equal((await tab.look("decisions")).at(-1).reason.code, "consent");
});

test("nothing is drawn before `displaying` is stored", async () => {
  const tab = await open({ name: "durable" });
  await tab.eval(async () => {
    const db = await new Promise((resolve) => (indexedDB.open("hearken:durable").onsuccess = ({ target }) => resolve(target.result)));
    t.client.on("offer", () => {
      // From here on the journal is busy with somebody else.
      const store = db.transaction(["rows", "meta", "blobs"], "readwrite").objectStore("meta");
      let turns = 0;
      const hold = () => {
        turns += 1;
        window.held = turns > 200;
        store.get("head").onsuccess = () => window.release || hold();
      };
      hold();
    });
  });
  await tab.track({ items: 1 });
  await until("the journal is busy for a while", () => tab.eval(() => window.held));
  assert.equal(await tab.dialogOpen(), false);
  await tab.eval(() => (window.release = true));
  await tab.drawn();
});

test("a message is seen only after a second in sight, without a break", async () => {
  const tab = new Tab(await chromium.browser.newPage(), server.url);
  // Timers of one second wait for the test instead.
  await tab.page.evaluateOnNewDocument(() => {
    const { setTimeout: real, clearTimeout: clear } = window;
    window.seconds = new Map();
    window.setTimeout = (run, delay, ...rest) => {
      if (delay !== 1_000) return real(run, delay, ...rest);
      const id = real(() => {}, 0);
      window.seconds.set(id, run);
      return id;
    };
    window.clearTimeout = (id) => (window.seconds.delete(id), clear(id));
  });
  await tab.go({ name: "second" });
  await tab.track({ items: 1 });
  await tab.drawn();
  await until("the second runs", () => tab.eval(() => window.seconds.size === 1));
  await tab.flush();
  assert.deepEqual(await tab.kinds("$displaying", "$shown"), ["$displaying"]);
  const other = await chromium.browser.newPage();
  await until("hidden, it stops", () => tab.eval(() => document.visibilityState === "hidden" && window.seconds.size === 0));
  await other.close();
  await tab.page.bringToFront();
  await until("in sight again, it starts anew", () => tab.eval(() => window.seconds.size === 1));
  await tab.eval(() => [...window.seconds.values()].forEach((run) => run()));
  await tab.seen();
  await tab.flush();
  assert.deepEqual(await tab.kinds("$use_committed", "$shown"), ["$use_committed", "$shown"]);
});

test("an address is opened only if its scheme is allowed, whatever the message says", async () => {
  const tab = await open({ name: "schemes", headless: "" });
  const opened = await tab.eval(async () => {
    const opened = [];
    const reports = [];
    window.open = (url, target, features) => void opened.push(`${url} ${target} ${features}`);
    const addresses = ["https://example.com/a", "mailto:a@example.com", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "http://example.com/", "//example.com", "file:///etc/passwd"];
    const button = (open_url, place) => ({ button: { id: `${place}`, label: `${place}`, role: "secondary", actions: [{ open_url }], stay: true } });
    const presentation = {
      id: "p", campaign: "c", channel: "in_browser", resumed: false, words: { close: "إغلاق" },
      message: { layout: "modal", label: "Addresses", lang: "ar", dir: "rtl", pages: [{ id: "1", blocks: addresses.map(button) }] },
      begin: async () => true, visible() {}, click() {}, dismiss() {}, ended() {},
    };
    const host = { delegate: {}, report: (code, message) => reports.push(code) };
    const element = document.createElement("hearken-messages");
    element.client = { attach: (renderer) => renderer.show(presentation, host), detach() {}, on: () => () => {} };
    document.body.append(element);
    while (!t.dialog()) await new Promise((resolve) => setTimeout(resolve, 5));
    const direction = t.dialog().dir;
    for (const drawn of t.dialog().querySelectorAll("button[part~=button]")) drawn.click();
    return { opened, reports, direction };
  });
  assert.deepEqual(opened, { opened: ["https://example.com/a _blank noopener", "mailto:a@example.com _blank noopener"], reports: Array(6).fill("action_refused"), direction: "rtl" });
});

test("an element that the page removes ends its message, and a new one draws the next", async () => {
  const tab = await open({ name: "removed", playbook: "/often.json" });
  await tab.track({ items: 1 });
  await tab.drawn();
  await tab.eval(() => document.querySelector("hearken-messages").remove());
  await tab.flush();
  const [ended] = await tab.kinds("$ended");
  assert.equal(ended, "$ended unmounted");
  await tab.track({ items: 1 });
  await until("it is offered", async () => (await tab.look("offers")).length === 2);
  await tab.eval(() => t.client.mount(document.body));
  await tab.drawn();
  assert.deepEqual(await tab.look("violations"), []);
});

test("what one task tracks is stored in as few transactions as it takes, fifty inputs each, and nothing is read twice", async () => {
  const tab = await open({ name: "counted", headless: "" });
  await tab.flush();
  const counted = await tab.eval(async () => {
    const modes = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (stores, mode = "readonly", options) {
      modes.push(mode);
      return transaction.call(this, stores, mode, options);
    };
    for (let n = 0; n < 200; n++) t.client.track("cart_updated", { items: 0, note: `${n}` });
    await t.client.flush();
    return modes;
  });
  assert.deepEqual(counted, Array(5).fill("readwrite"), "four of fifty, and the one of the mark behind them");
});
