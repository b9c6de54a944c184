// What crates/cli/README.md says of a page's journal: its lines for the console copy it, and `hearken replay` decides it again.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, until } from "../support/browser.mjs";
import { message, openShop, press } from "../support/shop.mjs";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hearken-replay-"));
let shop;
let chromium;
before(async () => {
  shop = await openShop();
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  shop?.close();
  rmSync(folder, { recursive: true });
});

/** The lines for the console as the document has them, with the client's name in them. */
function snippet(name) {
  const readme = readFileSync(join(repository, "crates/cli/README.md"), "utf8");
  const [, lines] = /A page keeps its journal in IndexedDB\.[^`]*(?:`[^`\n]+`[^`]*)*```js\n(.*?)```/s.exec(readme);
  assert.match(lines, /"hearken:default"/);
  return lines.replace('"hearken:default"', JSON.stringify(`hearken:${name}`));
}

/** Runs lines as a console does; what they hand to `copy`. */
async function copied(page, lines) {
  const console = await page.createCDPSession();
  await page.evaluate(() => (window.copy = (text) => (window.copied = text)));
  const { exceptionDetails } = await console.send("Runtime.evaluate", { expression: lines, replMode: true, awaitPromise: true });
  assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
  return page.evaluate(() => window.copied);
}

/** `hearken replay --journal page.jsonl` over these lines. */
function replayed(lines, ...more) {
  writeFileSync(join(folder, "page.jsonl"), lines);
  const manifest = join(repository, "Cargo.toml");
  const cargo = ["run", "--quiet", "--locked", "--manifest-path", manifest, "-p", "hearken-cli", "--"];
  const { status, stdout, stderr } = spawnSync("cargo", [...cargo, "replay", "--journal", "page.jsonl", ...more], { cwd: folder, encoding: "utf8" });
  return { status, stderr, told: stdout.trimEnd().split("\n") };
}

test("a page's journal, copied in its console as the document says, is decided again and comes out the same", async () => {
  const page = await chromium.browser.newPage();
  const tab = { eval: (run, ...given) => page.evaluate(run, ...given) };
  // The shop's own clock begins at ten: its playbook keeps quiet at night.
  await page.evaluateOnNewDocument(() => {
    if (!localStorage.getItem("shop:ahead")) localStorage.setItem("shop:ahead", String(new Date().setHours(10, 0, 0, 0) - Date.now()));
  });
  await page.goto(shop.url);
  await until("the shop stands", () => tab.eval(() => Boolean(window.hearken && document.querySelector("main h1, main .products"))));
  await press(tab, "Look at Harbour lamp");
  const asked = await until("the shop asks", () => message(tab));
  await press(tab, "Yes");
  await until("it asks no more", async () => (await message(tab)) !== asked);
  await press(tab, "Add Harbour lamp to the cart");
  await tab.eval(() => window.hearken.flush());
  await page.reload();
  await until("the shop stands again", () => tab.eval(() => Boolean(window.hearken && document.querySelector("main h1, main .products"))));
  await press(tab, "Add Harbour lamp to the cart");
  await tab.eval(() => window.hearken.flush());

  const lines = await copied(page, snippet("shop"));
  const explained = replayed(lines, "--explain");
  assert.equal(explained.status, 0, `${explained.stderr}${explained.told.join("\n")}`);
  assert.equal(explained.told[0], "page.jsonl: from record 1 on; the host draws in_browser");
  const all = explained.told.join("\n");
  assert.match(all, /^\S+ 10:0\d:\d\d \S+ {2}\d+-\d+ {2}track {2}\[product_viewed .*\$use_reserved\] {2}same\n {4}offered {2}consent: banner “May we measure what works\?”$/m);
  assert.match(all, /^\S+ 10:0\d:\d\d \S+ {2}\d+-\d+ {2}interaction {2}\[.*\$clicked \$ended \$consent.*\] {2}same$/m);
  assert.equal(all.match(/\[cart_updated/g).length, 2, "before the page was loaded again, and after");
  const same = /^(\d+) rows: \1 same(?: \(\d+ with what no row says\))?, 0 different, 0 unknown$/;
  assert.match(explained.told.at(-1), same);

  // "Rows alone do too, with --playbook."
  const rows = lines.split("\n").filter((line) => /^"\{\\"v\\":1,\\"first\\"/.test(line));
  assert.equal(String(rows.length), same.exec(explained.told.at(-1))[1]);
  const alone = replayed(rows.join("\n"), "--playbook", join(repository, "examples/shop/playbook.yaml"));
  assert.deepEqual([alone.status, alone.told.at(-1)], [0, explained.told.at(-1)], alone.stderr);
  const without = replayed(rows.join("\n"));
  assert.equal(without.status, 2);
  assert.match(without.stderr, /the playbook [0-9a-f]{64} is not there; give its document with --playbook/);
});
