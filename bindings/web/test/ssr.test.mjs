// A server imports the package, and renders with it: nothing happens, nothing throws.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Runs a module in a Node of its own, where touching a page's globals would throw. */
function run(source) {
  const guard = `for (const name of ["document", "window", "indexedDB", "sessionStorage", "customElements", "HTMLElement", "fetch", "BroadcastChannel"]) {
    Object.defineProperty(globalThis, name, { get() { throw new Error(name + " was touched"); }, configurable: true });
  }`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", `${guard}\n${source}`], { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" });
}

test("importing the client touches nothing", () => {
  assert.equal(run('const { createClient } = await import("@hearken/web"); console.log(typeof createClient);'), "function\n");
});

test("importing the elements where there is no page defines nothing and throws nothing", () => {
  assert.equal(run('delete globalThis.customElements; delete globalThis.document; await import("@hearken/web/elements"); console.log("fine");'), "fine\n");
});

test("a client on a server is there, and does nothing", () => {
  const output = run(`
    delete globalThis.document;
    const { createClient } = await import("@hearken/web");
    const client = createClient({ playbook: "/playbook.json", consent: { analytics: true, messaging: true, personalization: true } });
    const verdict = client.track("cart_updated", { items: 1 });
    client.setConsent({ analytics: false, messaging: false, personalization: false });
    const status = await client.ready;
    let batches = 0;
    for await (const _ of client.export()) batches++;
    const flush = await client.flush().catch(({ code }) => code);
    await client.close();
    console.log(JSON.stringify([verdict, status.store, status.error.code, batches, flush]));
  `);
  assert.deepEqual(JSON.parse(output), [{ verdict: "rejected", rejection: { code: "no_page" } }, "none", "no_page", 0, "no_page"]);
});

test("every method can be called on a server: it says that there is no page, or does nothing", () => {
  // What each is given; a method that is not named here is found below.
  const given = {
    track: ["x", {}], screen: ["home"], identify: ["u-1"], attribute: ["tier", "gold"], setConsent: [{ messaging: false }], touch: [{ kind: "opened", delivery_id: "d", channel: "email" }],
    cue: ["manual", "gift"], offer: [{}], placement: ["hero"], host: [{ app_version: "1" }], explain: ["c"], preview: ["c", { draw: true }], remember: ["tier", "gold"], importState: ["{}"],
    handle: ["tick"], on: ["offer"], attach: [{}], detach: [{}], report: ["x", "y"], install: ["/other.json"], mount: [{}],
  };
  const output = run(`
    delete globalThis.document;
    const { createClient, HearkenClient, HearkenError } = await import("@hearken/web");
    const client = createClient({ playbook: "/playbook.json", consent: { analytics: true, messaging: true, personalization: true }, logLevel: "none" });
    const said = [];
    client.on("diagnostic", ({ input }) => said.push(input));
    const given = ${JSON.stringify(given)};
    const came = (value) => (value?.verdict ? value.verdict + " " + value.rejection.code : typeof value);
    const outcomes = {};
    const call = async (name, call) => {
      try {
        const value = call();
        // A generator is asked for its first batch.
        outcomes[name] = came(await (value?.next ? value.next().then(({ value }) => value) : value));
      } catch (error) {
        outcomes[name] = error instanceof HearkenError ? "rejects " + error.code : "throws " + error;
      }
    };
    const { constructor, close, ...rest } = Object.getOwnPropertyDescriptors(HearkenClient.prototype);
    for (const [name, { value }] of Object.entries(rest)) await call(name, () => (value ? client[name](...(given[name] ?? [])) : client[name]));
    await call("inbox.get", () => client.inbox.get());
    await call("inbox.subscribe", () => client.inbox.subscribe(() => {}));
    await call("inbox.act", () => client.inbox.act("c", "seen"));
    await call("close", () => client.close());
    console.log(JSON.stringify({ outcomes, said }));
  `);
  const { outcomes, said } = JSON.parse(output);
  const all = (outcome, ...names) => Object.fromEntries(names.map((name) => [name, outcome]));
  assert.deepEqual(outcomes, {
    ...all("rejected no_page", "track", "screen", "identify", "reset", "attribute", "setConsent", "disable", "enable", "touch", "cue", "offer", "inbox.act"),
    ...all("rejects no_page", "explain", "preview", "person", "words", "campaigns", "success", "exportState", "importState", "erase", "flush", "install"),
    ...all("undefined", "placement", "host", "remember", "playbookText", "needs", "handle", "export", "pause", "resume", "close", "attach", "detach", "report"),
    ...all("function", "on", "mount", "inbox.subscribe"), closed: "boolean", "inbox.get": "object",
  });
  // Whatever takes an input says twice that it was not taken: to whoever calls, and to whoever runs the page.
  assert.deepEqual(said, ["track", "screen", "identify", "reset", "attribute", "consent", "switch", "switch", "touch", "cue", "offer", "attribute", "card"]);
});

test("an option that cannot be used is refused where it is given, by its name", async () => {
  const { createClient, HearkenError } = await import("@hearken/web");
  const { exporter } = await import("@hearken/web/exporter");
  const playbook = "/p.json";
  const consent = { analytics: true, messaging: true, personalization: true };
  const wrong = [
    ["playbook", undefined], ["playbook", {}], ["playbook", { consent }], ["consent", { playbook }], ["consent", { playbook, consent: null }], ["consent", { playbook, consent: { analytics: true } }],
    ["retention.age", { playbook, consent, retention: { age: "90 days" } }], ["retention.bytes", { playbook, consent, retention: { bytes: "50MB" } }], ["retention.bytes", { playbook, consent, retention: { bytes: -1 } }],
  ];
  const names = (option) => (error) => error instanceof HearkenError && error.code === "invalid_option" && error.place === option && error.message.includes(option);
  for (const [option, options] of wrong) assert.throws(() => createClient(options), names(option), JSON.stringify(options));
  for (const [option, options] of [["url", undefined], ["url", {}], ["every", { url: "/facts", every: "10 s" }], ["batch", { url: "/facts", batch: "many" }], ["batch", { url: "/facts", batch: 0 }]]) {
    assert.throws(() => exporter(options), names(`exporter.${option}`), JSON.stringify(options));
  }
  for (const retention of [null, {}, { age: "1d" }, { age: 0, bytes: 0 }]) assert.equal((await createClient({ playbook, consent, retention }).ready).store, "none");
});
