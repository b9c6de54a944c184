// What the page sees by itself: each cue once a route, and only those that the playbook waits for; and what is sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, pause, until } from "../support/browser.mjs";
import { GalleryTab } from "../support/gallery-tab.mjs";
import { gallery } from "../support/gallery.mjs";
import { serve } from "../support/server.mjs";

const CUES = [["route", "/shop/*"], ["route", "/deep/**"], ["visible", "#deals"], ["dwell", 400], ["scroll", 50], ["exit_intent"]];
const listening = gallery((document) => ({
  ...document,
  campaigns: CUES.map(([cue, value], place) => ({
    id: `c${place}`, channel: ["in_browser"], limit: { times: 0 }, message: "custom",
    trigger: { event: "$cue", where: { cue, ...(value !== undefined && { value }) } },
  })),
}));

let chromium;
let server;
before(async () => {
  server = await serve({ "/gallery.json": JSON.stringify(listening) });
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await server?.close();
});

const cues = (tab) => tab.eval(async () => {
  await t.client.flush();
  return (await t.lines()).filter(({ type }) => type === "$cue").map(({ data }) => [data.cue, data.value].filter((part) => part !== undefined).join(" "));
});

test("route, sight, dwelling, scrolling and the way out are seen once a route", async () => {
  const tab = await GalleryTab.open(chromium.browser, server.url, { name: "cues" });
  await until("it was read for a while", async () => (await cues(tab)).includes("dwell 400"));
  assert.deepEqual(await cues(tab), ["dwell 400"]);
  await tab.eval(() => scrollTo(0, 900));
  await until("half of it", async () => (await cues(tab)).includes("scroll 50"));
  await tab.eval(() => scrollTo(0, document.documentElement.scrollHeight));
  await until("the deals", async () => (await cues(tab)).includes("visible #deals"));
  await tab.eval(() => document.dispatchEvent(new MouseEvent("mouseout", { clientY: -1, relatedTarget: null })));
  await tab.eval(() => document.dispatchEvent(new MouseEvent("mouseout", { clientY: -1, relatedTarget: null })));
  await until("the way out", async () => (await cues(tab)).includes("exit_intent"));
  assert.deepEqual(await cues(tab), ["dwell 400", "scroll 50", "visible #deals", "exit_intent"]);

  await tab.eval(() => history.pushState(null, "", "/shop/lamp"));
  await until("the route", async () => (await cues(tab)).includes("route /shop/*"));
  assert.equal((await cues(tab)).includes("route /deep/**"), false);
  await tab.eval(() => history.pushState(null, "", "/deep/a/b"));
  await until("all below", async () => (await cues(tab)).includes("route /deep/**"));
  await until("each route is read anew", async () => (await cues(tab)).filter((cue) => cue === "dwell 400").length >= 2);
  await tab.eval(() => {
    document.getElementById("deals").remove();
    scrollTo(0, 0);
    document.querySelector("h1").after(Object.assign(document.createElement("p"), { id: "deals", textContent: "Deals" }));
  });
  await until("what came later comes into sight", async () => (await cues(tab)).filter((cue) => cue === "visible #deals").length >= 2);
});

test("a page that stays where it is sees nothing, and a client that is closed watches no more", async () => {
  const tab = await GalleryTab.open(chromium.browser, server.url, { name: "still" });
  await until("read", async () => (await cues(tab)).length === 1);
  await tab.eval(() => scrollTo(0, 10));
  await pause(300);
  assert.deepEqual(await cues(tab), ["dwell 400"]);
  const asked = await tab.eval(async () => {
    await t.client.close();
    let asked = 0;
    t.client.cue = () => asked++;
    scrollTo(0, 5_000);
    history.pushState(null, "", "/shop/x");
    await new Promise((resolve) => setTimeout(resolve, 300));
    return asked;
  });
  assert.equal(asked, 0);
});

test("the exporter sends in order, waits and comes again when it is refused, and what was acknowledged never returns", async () => {
  const tab = await GalleryTab.open(chromium.browser, server.url, { name: "exporter" });
  const { sent, reports, left } = await tab.eval(async () => {
    const { exporter } = await import("/hearken/exporter.js");
    const sent = [];
    const answers = [503, 429, 200];
    window.fetch = async (url, { body, method }) => {
      const status = answers.shift() ?? 200;
      sent.push({ url: String(url), method, status, ids: body.split("\n").map((line) => JSON.parse(line).id) });
      return new Response(null, { status, headers: status === 429 ? { "retry-after": "0.05" } : {} });
    };
    t.client.track("anything", {});
    await t.client.flush();
    const stop = exporter({ url: "/facts", every: 30, batch: 3 })(t.client);
    while (sent.at(-1)?.status !== 200 || (await t.lines()).length) await new Promise((resolve) => setTimeout(resolve, 20));
    stop();
    return { sent, reports: t.reports.map(({ code }) => code), left: (await t.lines()).length };
  });
  assert.deepEqual(sent.slice(0, 3).map(({ url, method, status }) => [url, method, status]), [["/facts", "POST", 503], ["/facts", "POST", 429], ["/facts", "POST", 200]]);
  assert.deepEqual(sent[0].ids, sent[2].ids, "the same again");
  const delivered = sent.filter(({ status }) => status === 200).flatMap(({ ids }) => ids);
  assert.deepEqual(delivered, delivered.toSorted());
  assert.equal(new Set(delivered).size, delivered.length);
  assert.deepEqual(reports, ["export_failed", "export_failed"]);
  assert.equal(left, 0);
});
