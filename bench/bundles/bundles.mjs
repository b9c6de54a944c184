// Part of `cargo xtask bench --web`: what a page fetches, of Hearken and of others, by one bundler in one run. Each line is a
// page of a few lines that uses the library as its own guide says; the sizes are of all that the page loads at once.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = fileURLToPath(new URL("../../bindings/web/dist", import.meta.url));
const require = createRequire(import.meta.url);
const version = (name) => JSON.parse(readFileSync(`${here}node_modules/${name}/package.json`, "utf8")).version;

const HEARKEN = `import { createClient } from "${dist}/index.js";
const h = createClient({ playbook: "/playbook.json", consent: { analytics: true, messaging: true, personalization: true } }); h.mount(document.body); h.identify("u"); h.track("e", { a: 1 });`;

/** What it does in the page, the package, the page's code. `wasm`: what it loads besides scripts. */
const PAGES = [
  ["Hearken: decides, tracks, shows; the engine", "", `${HEARKEN} import "${dist}/elements.js";`, [`${dist}/hearken.wasm`]],
  ["  its scripts alone", "", `${HEARKEN} import "${dist}/elements.js";`],
  ["  without elements: scripts alone", "", HEARKEN],
  ["  with the inbox and the exporter: scripts alone", "", `${HEARKEN} import "${dist}/elements.js"; import "${dist}/inbox.js"; import { exporter } from "${dist}/exporter.js"; exporter({ url: "/facts" })(h);`],
  ["in-app messages, rules from a server", "@braze/web-sdk", `import { initialize, changeUser, logCustomEvent, openSession, automaticallyShowInAppMessages } from "@braze/web-sdk";
    initialize("k", { baseUrl: "x" }); automaticallyShowInAppMessages(); changeUser("u"); openSession(); logCustomEvent("e", { a: 1 });`],
  ["the same, with cards", "@braze/web-sdk", `import { initialize, changeUser, logCustomEvent, openSession, automaticallyShowInAppMessages, subscribeToContentCardsUpdates, showContentCards, requestContentCardsRefresh } from "@braze/web-sdk";
    initialize("k", { baseUrl: "x" }); automaticallyShowInAppMessages(); subscribeToContentCardsUpdates(() => showContentCards()); requestContentCardsRefresh(); changeUser("u"); openSession(); logCustomEvent("e", { a: 1 });`],
  ["in-app messages, rules from a server", "clevertap-web-sdk", `import clevertap from "clevertap-web-sdk"; clevertap.init("k"); clevertap.event.push("e", { a: 1 }); clevertap.onUserLogin.push({});`],
  ["in-app messages in frames from a server", "customerio-gist-web", `import Gist from "customerio-gist-web"; window.g = Gist;`],
  ["in-app messages from a server", "@iterable/web-sdk", `import { initialize, track, getInAppMessages } from "@iterable/web-sdk"; const r = initialize("k", () => Promise.resolve("j"));
    r.setEmail("a").then(() => { track({ eventName: "e" }); getInAppMessages({ count: 20, packageName: "p" }, { display: "immediate" }).request(); });`],
  ["an inbox from a server, drawn by the app", "@knocklabs/client", `import Knock from "@knocklabs/client"; const k = new Knock("k"); k.authenticate("u"); const f = k.feeds.initialize("c"); f.listenForUpdates(); f.fetch();`],
  ["an inbox from a server, drawn by the app", "@trycourier/courier-js", `import { Courier } from "@trycourier/courier-js"; Courier.shared.signIn({ userId: "u", jwt: "j" }); Courier.shared.client?.inbox.getMessages();`],
  ["an inbox from a server, drawn", "@novu/js", `import { NovuUI } from "@novu/js/ui"; new NovuUI({ options: { subscriberId: "s", applicationIdentifier: "a" } }).mountComponent({ name: "Inbox", props: {}, element: document.body });`],
  ["events, flags, surveys (surveys are loaded later)", "posthog-js", `import posthog from "posthog-js"; posthog.init("k", { api_host: "x" }); posthog.capture("e", { a: 1 }); posthog.isFeatureEnabled("f");`],
  ["flags decided in the page", "@growthbook/growthbook", `import { GrowthBook } from "@growthbook/growthbook"; const g = new GrowthBook({ clientKey: "k", trackingCallback() {} }); g.init().then(() => { g.setAttributes({}); console.log(g.isOn("f")); });`],
  ["flags decided in the page", "@statsig/js-on-device-eval-client", `import { StatsigOnDeviceEvalClient } from "@statsig/js-on-device-eval-client"; const c = new StatsigOnDeviceEvalClient("k"); c.initializeAsync().then(() => c.checkGate("g", { userID: "u" }));`],
  ["flags decided on a server", "@launchdarkly/js-client-sdk", `import { createClient } from "@launchdarkly/js-client-sdk"; const c = createClient("k", { kind: "user", key: "u" }); c.start(); c.variation("f", false); c.track("e");`],
  ["events", "mixpanel-browser", `import mixpanel from "mixpanel-browser"; mixpanel.init("k"); mixpanel.track("e", { a: 1 }); mixpanel.identify("u");`],
  ["events", "@amplitude/analytics-browser", `import { init, track, setUserId } from "@amplitude/analytics-browser"; init("k"); track("e", { a: 1 }); setUserId("u");`],
];

/** Bytes of everything that a page loads at once, as they are and by `gzip -9`. */
async function sizes(code, besides = []) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: here }, bundle: true, minify: true, splitting: true, format: "esm", platform: "browser", target: "es2022", outdir: "/out", write: false, metafile: true,
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" }, conditions: ["browser", "import", "module"], external: ["node:*"], legalComments: "none", logLevel: "silent", absWorkingDir: "/",
  });
  const eager = new Set();
  const add = (path) => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { kind, path: next } of metafile.outputs[path].imports) if (kind === "import-statement" && metafile.outputs[next]) add(next);
    if (metafile.outputs[path].cssBundle) add(metafile.outputs[path].cssBundle);
  };
  add(Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === "<stdin>"));
  const loaded = outputFiles.filter(({ path }) => eager.has(path.replace(/^\//, ""))).map(({ contents }) => contents);
  const all = [...loaded, ...besides.map((path) => readFileSync(path))];
  if (!loaded.length) throw new Error("nothing was bundled");
  return [all.reduce((sum, { length }) => sum + length, 0), all.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0)];
}

const kb = (bytes) => (bytes / 1_000).toFixed(1);
const line = (what, of, raw, gzip) => console.log(`${what.padEnd(50)} ${of.padEnd(42)} ${raw.padStart(9)} ${gzip.padStart(9)}`);
console.log(`\nesbuild ${require("esbuild").version}: what a page loads at once, KB = 1,000 bytes\n`);
line("", "", "raw", "gzip -9");
for (const [what, of, code, besides] of PAGES) {
  const [raw, gzip] = await sizes(code, besides);
  line(what, of ? `${of} ${version(of)}` : "", kb(raw), kb(gzip));
}
