// The package as it is published, in everybody's hands. What is built here is opened in a browser, and its message has to come.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { at, install, run } from "../support/package.mjs";
import { closeBrowser, serve, visit } from "../support/page.mjs";

let tarball;
let out;
before(() => {
  tarball = install();
  out = mkdtempSync(join(tmpdir(), "hearken-packaging-"));
});
after(async () => {
  await closeBrowser();
  rmSync(out, { recursive: true, force: true });
});

const EXPECTED = { store: "indexeddb", dialog: "Packaged", errors: [] };
const folder = (name) => {
  const path = join(out, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const wasm = (path) => copyFileSync(at("node_modules/@hearken/web/dist/hearken.wasm"), join(path, "hearken.wasm"));

async function shows(path) {
  const server = await serve(path);
  const { error, ...seen } = await visit(server.url);
  server.close();
  assert.equal(error, undefined);
  assert.deepEqual(seen, EXPECTED);
}

test("publint has nothing to say", async () => {
  const pkgDir = at("node_modules/@hearken/web");
  const { messages, pkg } = await publint({ pkgDir, level: "suggestion", strict: true, pack: false });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg, { color: false })), []);
});

test("are the types wrong? no", () => {
  // The module's file has no types, and a resolver older than `exports` finds no entry.
  const said = run("attw", [tarball, "--profile", "node16", "--exclude-entrypoints", "hearken.wasm", "--format", "json"]);
  const { analysis, problems } = JSON.parse(said);
  const wrong = Object.values(problems ?? {}).flat().filter(({ resolutionKind }) => resolutionKind !== "node10");
  assert.deepEqual(wrong, []);
  assert.equal(Object.keys(analysis.entrypoints).length >= 8, true);
});

test("a strict compiler takes what is right and refuses what is wrong", () => {
  assert.equal(run("tsc", ["-p", "apps/tsconfig.json"]), "");
});

test("the reference is made from the source, and no link of it is broken", () => {
  const source = at("../../bindings/web");
  execFileSync(join(source, "node_modules/.bin/typedoc"), ["--disableSources", "--out", join(out, "reference")], { cwd: source, stdio: "pipe" });
  assert.match(readFileSync(join(out, "reference/classes/index.HearkenClient.html"), "utf8"), /Records an event/);
});

test("what is packed is what is needed, and nothing else", () => {
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).split("\n").filter(Boolean);
  assert.deepEqual(files.filter((file) => !/^package\/(dist\/|README\.md$|package\.json$|LICENSE)/.test(file)), []);
  assert.equal(files.includes("package/dist/hearken.wasm"), true);
});

test("esbuild: the client alone brings no element along; an app with both shows its message", async () => {
  const path = folder("esbuild");
  const build = (entry, name) => run("esbuild", [`apps/${entry}`, "--bundle", "--minify", "--format=esm", `--outfile=${path}/${name}`, `--metafile=${path}/${name}.json`, "--log-level=warning"]);
  build("client-only.js", "only.js");
  const meta = JSON.parse(readFileSync(join(path, "only.js.json"), "utf8"));
  const [, output] = Object.entries(meta.outputs).find(([name]) => name.endsWith("only.js"));
  const text = readFileSync(join(path, "only.js"), "utf8");
  assert.deepEqual(Object.keys(output.inputs).filter((name) => /elements|inbox|inspector|react|testing|exporter/.test(name)), []);
  assert.equal(text.includes("attachShadow"), false);
  build("app.js", "app.js");
  wasm(path);
  await shows(path);
});

test("Rollup: the module is copied beside the bundle", async () => {
  const path = folder("rollup");
  run("rollup", ["apps/app.js", "--plugin", "node-resolve", "--format", "es", "--dir", path, "--silent"]);
  wasm(path);
  await shows(path);
});

test("Vite: a build takes the module along by itself, and its server needs one line", async () => {
  const path = folder("vite");
  const root = folder("vite-app");
  copyFileSync(at("apps/app.js"), join(root, "app.js"));
  copyFileSync(at("apps/playbook.js"), join(root, "playbook.js"));
  writeFileSync(join(root, "index.html"), '<!doctype html><html lang="en"><title>App</title><body><script type="module" src="/app.js"></script></body></html>');
  const { build, createServer } = await import("vite");
  // The app lies outside of this folder; as in any app, its dependencies are found from there.
  const alias = ["", "/elements"].map((entry) => ({ find: new RegExp(`^@hearken/web${entry}$`), replacement: at(`node_modules/@hearken/web/dist/${entry ? "elements" : "index"}.js`) }));
  await build({ root, logLevel: "error", resolve: { alias }, build: { outDir: path, emptyOutDir: true } });
  assert.equal(readdirSync(join(path, "assets")).some((name) => name.endsWith(".wasm")), true);
  await shows(path);
  const server = await createServer({ root, logLevel: "error", resolve: { alias }, optimizeDeps: { exclude: ["@hearken/web"] }, server: { host: "127.0.0.1", port: 0, fs: { strict: false } } });
  await server.listen();
  const { error, ...seen } = await visit(server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0]);
  await server.close();
  assert.equal(error, undefined);
  assert.equal(seen.dialog, "Packaged");
});

test("webpack 5: the module is an asset like any other", async () => {
  const path = folder("webpack");
  const { default: webpack } = await import("webpack");
  const stats = await new Promise((resolve, reject) =>
    webpack({ mode: "production", context: at("apps"), entry: "./app.js", output: { path, filename: "app.js", publicPath: "/" }, performance: { hints: false } }, (error, stats) => (error ? reject(error) : resolve(stats))));
  assert.equal(stats.hasErrors() || stats.hasWarnings(), false, stats.toString());
  await shows(path);
});

test("Next: rendered on a server, alive in the browser", async () => {
  const app = at("apps/next");
  rmSync(join(app, ".next"), { recursive: true, force: true });
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  run("next", ["build"], { cwd: app, env });
  const server = spawn(process.execPath, [at("node_modules/next/dist/bin/next"), "start", "--port", "0", "--hostname", "127.0.0.1"], { cwd: app, env });
  try {
    const url = await new Promise((resolve, reject) => {
      let said = "";
      const hear = (chunk) => {
        said += chunk;
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
        if (found && !found[0].endsWith(":0") && said.includes("Ready")) resolve(found[0]);
      };
      server.stdout.on("data", hear);
      server.stderr.on("data", hear);
      server.on("exit", (code) => reject(new Error(`next start ended with ${code}: ${said}`)));
    });
    const html = await (await fetch(url)).text();
    assert.match(html, /Rendered on a server/);
    assert.match(html, /<hearken-messages/);
    assert.match(html, /Nothing yet/, "hooks have nothing to say on a server");
    const { error, hero: _, ...seen } = await visit(url, async (page) => {
      await page.keyboard.press("Escape");
      // What the app draws itself fills its place, is seen, used, and goes.
      await page.waitForFunction(() => window.app?.hero === "seen" && window.app.store);
      const drawn = await page.$eval("#hero", (hero) => hero.textContent);
      await page.click("#hero button");
      await page.waitForFunction(() => document.getElementById("hero").textContent === "Nothing yet");
      return { drawn };
    });
    assert.equal(error, undefined);
    assert.deepEqual(seen, { ...EXPECTED, drawn: "In its place" });
  } finally {
    server.kill();
  }
});

test("React in StrictMode: what is mounted twice is drawn, seen and used once", async () => {
  const path = folder("strict");
  run("esbuild", ["apps/strict.jsx", "--bundle", "--format=esm", "--jsx=automatic", '--define:process.env.NODE_ENV="development"', `--outfile=${path}/app.js`, "--log-level=warning"]);
  wasm(path);
  const server = await serve(path);
  try {
    const { error, client: _, ...seen } = await visit(server.url, async (page) => {
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => window.app.store);
      await page.click("#late");
      await page.waitForSelector("#hero button");
      await page.evaluate(() => new Promise((resolve) => window.app.client.on("shown", ({ campaign }) => campaign === "hero" && resolve())));
      await page.click("#hero button");
      await page.waitForFunction(() => document.getElementById("hero").textContent === "Nothing yet");
      const lines = await page.evaluate(async () => {
        const lines = [];
        for await (const { records } of window.app.client.export()) lines.push(...records);
        return lines;
      });
      const of = (campaign) => lines.map((line) => JSON.parse(line)).filter(({ data }) => data.campaign === campaign).map(({ type }) => type);
      return { hello: of("hello"), hero: of("hero") };
    });
    assert.equal(error, undefined);
    const { reports, ...rest } = seen;
    assert.deepEqual(rest, {
      ...EXPECTED, mounts: 2, same: true,
      hello: ["$triggered", "$use_reserved", "$displaying", "$use_committed", "$shown", "$dismissed", "$ended"],
      hero: ["$triggered", "$use_reserved", "$displaying", "$use_committed", "$shown", "$clicked", "$ended"],
    });
    assert.deepEqual([...new Set(reports)], ['elements_missing: <hearken-inbox> draws nothing: import "@hearken/web/inbox"'], "the entry that the app left out");
  } finally {
    server.close();
  }
});

test("Node: imported and required, every entry loads and a client is inert", () => {
  const entries = ["", "/slim", "/elements", "/inbox", "/inspector", "/exporter", "/react", "/testing"].map((entry) => `@hearken/web${entry}`);
  const body = `const client = createClient({ playbook: "/p.json", consent: { analytics: true, messaging: true, personalization: true } });
    client.ready.then(({ store, error }) => console.log(loaded, store, error.code, client.track("x").verdict));`;
  const esm = `let loaded = 0; for (const entry of ${JSON.stringify(entries)}) { await import(entry); loaded++; } const { createClient } = await import("@hearken/web"); ${body}`;
  const cjs = `let loaded = 0; for (const entry of ${JSON.stringify(entries)}) { require(entry); loaded++; } const { createClient } = require("@hearken/web"); ${body}`;
  const node = (type, source) => execFileSync(process.execPath, [`--input-type=${type}`, "-e", source], { cwd: at("."), encoding: "utf8" });
  assert.equal(node("module", esm), "8 none no_page rejected\n");
  assert.equal(node("commonjs", cjs), "8 none no_page rejected\n");
  const tested = `const { testClient } = require("@hearken/web/testing"); testClient({ spec: 1, id: "p", revision: 1, plan: { mode: "open" } }, { consent: "all" }).then((t) => console.log(t.track("x").verdict, t.inbox().unread));`;
  assert.equal(node("commonjs", tested), "accepted 0\n");
});
