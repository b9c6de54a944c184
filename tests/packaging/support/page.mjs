// A built app in a browser, under a strict policy: does the message come?
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import puppeteer from "puppeteer-core";

const PATH = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const SHELL = '<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title><script type="module" src="/app.js"></script><body></body></html>';

/** Serves a folder; a page that it lacks is one that loads `/app.js`. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = join(folder, path === "/" ? "index.html" : path);
    if (path === "/favicon.ico") return response.writeHead(204).end();
    const found = existsSync(file);
    if (!found && path !== "/") return response.writeHead(404).end();
    response.writeHead(200, { "content-security-policy": POLICY, "content-type": TYPES[extname(file)] ?? "text/html" });
    response.end(found ? await readFile(file) : SHELL);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close().closeAllConnections() };
}

let browser;
export async function closeBrowser() {
  await browser?.close();
}

/** What the app says of itself, once its message stands and its client is open, and after what else is done there. */
export async function visit(url, then = async () => ({})) {
  if (!existsSync(PATH)) throw new Error(`there is no ${PATH}: install Chromium (Debian: apt-get install -y chromium), or set CHROMIUM_PATH to it`);
  browser ??= await puppeteer.launch({ executablePath: PATH, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  const end = Date.now() + 30_000;
  let seen;
  while (Date.now() < end && !(seen?.dialog && (seen.store || seen.error))) {
    seen = await page.evaluate(() => ({ ...window.app, dialog: document.querySelector("hearken-messages")?.shadowRoot?.querySelector("dialog[open] h2")?.textContent }));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  Object.assign(seen, await then(page));
  await context.close();
  return { ...seen, errors };
}
