// Hostile texts in every property and every place of a message: nothing runs, nothing is lost. The list of naughty
// strings (an npm package) and some of our own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, until } from "../support/browser.mjs";
import { GalleryTab } from "../support/gallery-tab.mjs";
import { gallery } from "../support/gallery.mjs";
import { serve } from "../support/server.mjs";

const OURS = [
  "<img src=x onerror='window.hacked=1'>", "<svg/onload=window.hacked=1>", "</dialog></template><script>window.hacked=1</script>", "javascript:window.hacked=1", "JaVaScRiPt:window.hacked=1", "\u0001javascript:window.hacked=1",
  "data:text/html,<script>window.hacked=1</script>", "{{ user.nick }}", "{% raw %}", "${window.hacked=1}", "red} * { display: none } x{", "url(https://example.com/x)", "expression(window.hacked=1)", "__proto__", "constructor", "\u202etxt.exe", "\ud800", "a\ud800b",
  "x".repeat(20_000), "🏳️‍⚧️👩‍👩‍👧‍👦", "\u0000", "--><!--", "]]>", "'\";", "\\", "\r\n\u2028\u2029",
];
const STRINGS = [...JSON.parse(readFileSync(new URL("../node_modules/big-list-of-naughty-strings/blns.json", import.meta.url), "utf8")), ...OURS].map((text) => text.toWellFormed?.() ?? text);

let chromium;
let server;
let tab;
before(async () => {
  const document = gallery((given) => ({
    ...given,
    plan: { mode: "open", events: {}, attributes: { nick: { type: "string", purpose: ["messaging"] } } },
    campaigns: [{ id: "named", channel: ["in_browser"], trigger: { event: "never" }, message: "named" }],
    messages: { named: { layout: "modal", label: "Named", pages: [[{ text: "{{ user.nick }}" }, { button: { id: "{{ user.nick }}x", label: "{{ user.nick }}", role: "primary", actions: ["dismiss"], stay: false } }]] } },
  }));
  server = await serve({ "/gallery.json": JSON.stringify(document) });
  chromium = await launch();
  tab = await GalleryTab.open(chromium.browser, server.url, { name: "hostile" });
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const unharmed = async () => {
  assert.deepEqual(await tab.eval(() => ["hacked" in window, t.violations, location.pathname, "polluted" in Object.prototype]), [false, [], "/gallery.html", false]);
  assert.deepEqual(tab.errors, []);
};

test("there are some", () => assert.ok(STRINGS.length > 450));

test("as properties, names of properties and attributes: kept as they are", async () => {
  const kept = await tab.eval(async (strings) => {
    strings.forEach((text, place) => t.client.track("said", { place, text, ...(text && { [`k${text}`.slice(0, 60)]: text }) }));
    await t.client.flush();
    return (await t.lines()).filter(({ type }) => type === "said").map(({ data }) => [data.place, data.text]);
  }, STRINGS);
  assert.deepEqual(kept, STRINGS.map((text, place) => [place, text]));
  await unharmed();
});

test("through templates: printed as they are, and not read again", async () => {
  const printed = await tab.eval(async (strings) => {
    const printed = [];
    for (const text of strings) {
      t.client.attribute("nick", text);
      const { message } = await t.client.preview("named");
      printed.push(message.pages[0].blocks[1].button.label);
    }
    return printed;
  }, STRINGS);
  assert.deepEqual(printed, STRINGS);
  await unharmed();
});

test("in every place of a message: shown as text, in a dialog, a banner, a form and a card's words", async () => {
  const wrong = await tab.eval(async (strings) => {
    const wrong = [];
    const button = (label, action) => ({ button: { id: label || "b", label, role: "secondary", actions: action ? [action] : [], stay: true } });
    const host = { delegate: {}, needs: undefined, report() {}, person: async () => ({ consent: [] }), setConsent() {}, remember() {} };
    const opened = [];
    window.open = (url) => opened.push(String(url));
    for (const layout of ["modal", "banner"]) {
      const element = document.createElement("hearken-messages");
      let renderer;
      element.client = { attach: (taken) => (renderer = taken), detach() {}, on: () => () => {} };
      document.body.append(element);
      for (const text of strings) {
        const blocks = [
          { heading: text }, { text }, { text: [{ text, bold: true, link: text }, { text, italic: true }] }, { list: { items: [text, [{ text }]] } },
          { progress: { value: text, max: text, label: text } }, { image: { src: "/picture.svg", alt: text } }, { spacer: { size: text } },
          { field: { kind: "single", name: text || "n", label: text, options: [{ value: text, label: text }], other: true, hint: text } },
          { field: { kind: "text", name: `${text}t`, label: text, hint: text } }, { field: { kind: "rating", name: `${text}r`, label: text, max: text } },
          { preference: { label: text, attribute: text, on: text } }, { [text || "unknown"]: text }, button(text, { open_url: text }),
        ];
        const message = { layout, label: text, position: text, lang: text, dir: "ltr", pages: [{ id: text, blocks }] };
        const words = { close: text, required: text, other: text, email: text, inbox: text };
        await renderer.show({ id: "p", campaign: text, channel: "in_browser", resumed: false, words, message, begin: async () => true, visible() {}, click() {}, dismiss() {}, ended(why) { wrong.push([text, why]); } }, host);
        const frame = element.shadowRoot.querySelector("dialog, section");
        if (!frame) { wrong.push([text, "not drawn"]); continue; }
        const same = (a, b) => a === b || a?.replace(/\r\n?/g, "\n") === b.replace(/\r\n?/g, "\n");
        if (!same(frame.querySelector(".heading").textContent, text) || !same(frame.querySelector(".button").textContent, text)) wrong.push([text, frame.querySelector(".heading").textContent]);
        const strange = [...frame.querySelectorAll("*")].filter((drawn) => /script|iframe|object|embed|style|link|meta/.test(drawn.localName) || [...drawn.attributes].some(({ name }) => /^on|^style$/.test(name)));
        if (strange.length) wrong.push([text, strange[0].outerHTML]);
        for (const link of frame.querySelectorAll("a")) if (!/^https:/.test(link.href) && new URL(link.href).origin !== location.origin) wrong.push([text, link.href]);
        frame.querySelector(".button").click();
        renderer.withdraw("p");
      }
      element.remove();
    }
    for (const url of opened) if (/^(javascript|data|vbscript|file|blob|http):/i.test(url)) wrong.push(["opened", url]);
    return wrong;
  }, STRINGS);
  assert.deepEqual(wrong.slice(0, 5), []);
  await until("what runs late has run", () => tab.eval(() => new Promise((resolve) => setTimeout(() => resolve(true), 300))));
  await unharmed();
});
