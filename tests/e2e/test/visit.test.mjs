// The example shop's recorded visit, as `cargo xtask demo --headless` replays it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../support/server.mjs";
import { openShop } from "../support/shop.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const shopFolder = at("../../../examples/web/dist/");
const pictures = mkdtempSync(join(tmpdir(), "hearken-visit-"));
let shop;
before(async () => {
  shop = await openShop();
});
after(() => {
  shop?.close();
  rmSync(pictures, { recursive: true });
});

function visit(address) {
  const picture = join(pictures, "shop.png");
  const child = spawn(process.execPath, [at("../visit.mjs"), "--url", address, "--screenshot", picture], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, output, picture })));
}

test("the visit is shown its message, the journal says why, and the picture is one", async () => {
  const { code, output, picture } = await visit(shop.url);
  assert.equal(code, 0, output);
  assert.match(output, /^shown: cart-reminder on in_browser, because of cart_updated \{"items":1,.*clicked: 0\.2$/m);
  assert.match(output, /^ *\d+ {2}offer_accepted /m);
  const png = readFileSync(picture);
  assert.deepEqual([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)], ["PNG", 1440, 960]);
});

test("a visit on which nothing is shown fails, and the output says why", async () => {
  const answers = { "/": readFileSync(join(shopFolder, "index.html")) };
  for (const path of readdirSync(shopFolder, { recursive: true })) if (/\.\w+$/.test(path)) answers[`/${path}`] = readFileSync(join(shopFolder, path));
  const playbook = JSON.parse(answers["/playbook.json"]);
  for (const campaign of playbook.campaigns) campaign.enabled = false;
  answers["/playbook.json"] = JSON.stringify(playbook);
  const server = await serve(answers);
  const { code, output } = await visit(`${server.url}/`);
  await server.close();
  assert.equal(code, 1, output);
  assert.match(output, /nothing in the journal says that a message was shown/);
  assert.match(output, /^now: cart-reminder is stopped .*/m);
});
