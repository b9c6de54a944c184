// `cargo xtask bench --web`: medians of eleven rounds in Chromium, peers in the same page and the same run.
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";

const ROUNDS = 11;
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { outputFiles } = await build({ entryPoints: [at("page.js")], bundle: true, minify: true, format: "esm", write: false, target: "es2022", nodePaths: [at("node_modules")], external: ["node:*"], logLevel: "error" });
const wasm = readFileSync(at("../../bindings/web/dist/hearken.wasm"));
// Isolated, so that the page's clock is fine enough.
const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const server = createServer(({ url }, response) => {
  if (url === "/page.js") response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end(outputFiles[0].text);
  else if (url === "/hearken.wasm") response.writeHead(200, { ...headers, "content-type": "application/wasm" }).end(wasm);
  else response.writeHead(200, { ...headers, "content-type": "text/html" }).end('<!doctype html><title>bench</title><script type="module" src="/page.js"></script>');
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const profile = mkdtempSync(join(tmpdir(), "hearken-bench-"));
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", headless: true, userDataDir: profile, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
const open = async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.bench !== undefined);
  return page;
};
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const percentile = (numbers, part) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];
const rounds = async (run) => {
  const all = [];
  for (let n = 0; n < ROUNDS; n++) all.push(await run(n));
  return all;
};
const line = (what, ours, theirs = "", ratio = "") => console.log(`${what.padEnd(52)} ${ours.padStart(14)} ${theirs.padStart(14)} ${ratio.padStart(9)}`);
const nice = (number, digits = 0) => number.toLocaleString("en", { maximumFractionDigits: digits });

try {
  console.log(`${await browser.version()}, medians of ${ROUNDS}\n`);
  line("", "hearken", "beside", "ratio");
  let page = await open();
  const decided = await rounds(() => page.evaluate(() => window.bench.decisions()));
  const [ours, theirs] = [median(decided.map(({ hearken }) => hearken)), median(decided.map(({ growthbook }) => growthbook))];
  line("decision, ns (100 campaigns; GrowthBook isOn)", nice(ours), nice(theirs), nice(ours / theirs, 2));
  const kept = await rounds((n) => page.evaluate((name) => window.bench.persistence(name), `p${n}`));
  const [stored, raw] = [median(kept.map(({ hearken }) => hearken)), median(kept.map(({ raw }) => raw))];
  line("persisted, events/s (raw IndexedDB, batches of 50)", nice(stored), nice(raw), nice(stored / raw, 2));
  const session = await page.createCDPSession();
  await session.send("Performance.enable");
  const cpu = async () => (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  const long = [];
  const spent = await rounds(async (n) => {
    await page.evaluate(async (name) => void (window.run = (await window.bench.busy(name)).run), `b${n}`);
    const before = await cpu();
    const { events, long: tasks } = await page.evaluate(() => window.run());
    long.push(...tasks);
    return ((await cpu()) - before) * 1e6 / events;
  });
  line("page's thread for an event, us, batched, all included", nice(median(spent), 1), "budget 150");
  line("the same, slowest round", nice(percentile(spent, 1), 1));
  line("long tasks in all of it (over 50 ms)", `${long.length}`, "budget 0");
  await page.evaluate(() => window.bench.fill("full", 10_000));
  await page.close();
  const start = async (what) => {
    const starts = await rounds(async () => {
      page = await open();
      const took = await page.evaluate(() => window.bench.start("full"));
      // The same again, when the browser has compiled what it needs of the module.
      const again = await page.evaluate(() => window.bench.start("full"));
      await page.close();
      return { first: took.first, again: again.first };
    });
    line(`start over ${what}: first decision, ms`, nice(median(starts.map(({ first }) => first)), 1), "budget 60");
    line("  the same, a second client in the page", nice(median(starts.map(({ again }) => again)), 1));
  };
  await start("10,000 records");
  // How many rows lie behind the last checkpoint is chance: here it is more.
  page = await open();
  await page.evaluate(() => window.bench.fill("full", 700));
  await page.close();
  await start("10,700 records");
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
