// One way to drive three engines: Chromium and Firefox by puppeteer, WebKit by its WebDriver. Only what the tests need.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { launch, pause, until } from "./browser.mjs";

const FIREFOX = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";
const WEBKIT = "/usr/bin/WebKitWebDriver";
const MINIBROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

export const ENGINES = ["chromium", "firefox", "webkit"];

function needs(path, packages) {
  if (!existsSync(path)) throw new Error(`there is no ${path}: apt-get install -y --no-install-recommends ${packages}`);
}

/** How a page can be made to look in an engine, always without motion. WebKitGTK knows no forced colours: nothing turns them on. */
export const LOOKS = { chromium: ["light", "dark", "forced"], firefox: ["light", "dark", "forced"], webkit: ["light", "dark"] };

/** A browser: `tab(address)` opens a page, `close()` ends it all. Without a `look` the machine's own settings hold. */
export async function openEngine(name, look) {
  if (look && !LOOKS[name].includes(look)) throw new Error(`${name} cannot be made to look ${look}`);
  if (name === "chromium") {
    const { browser, close } = await launch();
    return { name, tab: (url) => puppeteerTab(browser, url, look), close };
  }
  return name === "firefox" ? openFirefox(look) : openWebKit(look);
}

/** What Chromium emulates, in each page. */
const media = (look) => ({
  features: [
    { name: "prefers-reduced-motion", value: "reduce" },
    { name: "prefers-color-scheme", value: look === "dark" ? "dark" : "light" },
    ...(look === "forced" ? [{ name: "forced-colors", value: "active" }] : []),
  ],
});

/** What Firefox is told by its preferences. */
const preferences = (look) => ({
  "ui.prefersReducedMotion": 1,
  "layout.css.prefers-color-scheme.content-override": look === "dark" ? 0 : 1,
  ...(look === "forced" && { "browser.display.document_color_use": 2 }),
});

async function openFirefox(look) {
  needs(FIREFOX, "firefox-esr");
  const profile = mkdtempSync(join(tmpdir(), "hearken-firefox-"));
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true, userDataDir: profile, extraPrefsFirefox: { "fission.bfcacheInParent": true, ...(look && preferences(look)) } });
  const close = async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  return { name: "firefox", tab: (url) => puppeteerTab(browser, url), close };
}

async function puppeteerTab(browser, url, look) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1024, height: 768 });
  if (look) await (await page.createCDPSession()).send("Emulation.setEmulatedMedia", media(look));
  const tab = {
    eval: (run, ...given) => page.evaluate(run, ...given),
    go: (address) => page.goto(address),
    reload: () => page.reload(),
    // Firefox shows the cached page and never says that it did.
    back: () => page.goBack({ timeout: 3_000 }).catch(() => null),
    front: () => page.bringToFront(),
    close: () => page.close(),
    async press(keys) {
      const [key, held] = keys.replace("Space", " ").split("+").reverse();
      if (held) await page.keyboard.down(held);
      await page.keyboard.press(key);
      if (held) await page.keyboard.up(held);
    },
    picture: (path) => page.screenshot({ path }),
    offline: (gone) => page.setOfflineMode(gone),
  };
  await page.goto(url);
  return tab;
}

/** How WebDriver calls the keys that write nothing. */
const KEYS = { Tab: "\uE004", Enter: "\uE007", Shift: "\uE008", Escape: "\uE00C", Space: " ", ArrowRight: "\uE014", ArrowLeft: "\uE012", ArrowDown: "\uE015" };

async function openWebKit(look) {
  needs(WEBKIT, "webkit2gtk-driver xvfb");
  needs("/usr/bin/Xvfb", "xvfb");
  const home = mkdtempSync(join(tmpdir(), "hearken-webkit-"));
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const display = await new Promise((resolve, reject) => {
    screen.stdio[3].once("data", (text) => resolve(String(text).trim()));
    screen.once("error", reject);
  });
  if (look) {
    // GTK's own settings are what the page is told.
    mkdirSync(join(home, "gtk-3.0"));
    writeFileSync(join(home, "gtk-3.0/settings.ini"), "[Settings]\ngtk-enable-animations=0\n");
  }
  const port = 5_200 + Math.floor(Math.random() * 2_000);
  const env = { ...process.env, DISPLAY: `:${display}`, GDK_BACKEND: "x11", XDG_CONFIG_HOME: home, XDG_DATA_HOME: join(home, "data"), XDG_CACHE_HOME: join(home, "cache"), ...(look === "dark" && { GTK_THEME: "Adwaita:dark" }) };
  const driver = spawn(WEBKIT, [`--port=${port}`], { stdio: "ignore", env });
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value).slice(0, 300)}`);
    return value;
  };
  await until("the driver answers", () => ask("GET", "/status"));
  const options = { "webkitgtk:browserOptions": { binary: MINIBROWSER, args: ["--automation"] } };
  const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: options } });
  const session = `/session/${sessionId}`;
  await ask("POST", `${session}/timeouts`, { script: 120_000 });
  let chain = Promise.resolve();
  // Stays open: a session ends with its last window.
  const first = await ask("GET", `${session}/window`);
  let current = first;
  /** The driver has one current window: what concerns a tab waits its turn. */
  const inTab = (handle, run) => {
    const done = chain.then(async () => {
      if (current !== handle) {
        await ask("POST", `${session}/window`, { handle });
        current = handle;
      }
      return run();
    });
    chain = done.catch(() => {});
    return done;
  };
  const tab = async (url, { hides = false } = {}) => {
    const { handle: opened } = await inTab(first, () => ask("POST", `${session}/window/new`, { type: hides ? "tab" : "window" }));
    const command = (method, path, body) => inTab(opened, () => ask(method, `${session}${path}`, body));
    const page = {
      async eval(run, ...given) {
        const script = `const done = arguments[arguments.length - 1]; (async () => (${run})(...${JSON.stringify(given)}))().then((value) => done({ value }), (error) => done({ error: String(error) }))`;
        const answer = await command("POST", "/execute/async", { script, args: [] });
        if (answer?.error) throw new Error(answer.error);
        return answer?.value;
      },
      go: (address) => command("POST", "/url", { url: address }),
      reload: () => command("POST", "/refresh", {}),
      back: () => command("POST", "/back", {}),
      front: async () => {},
      close: async () => {
        await command("DELETE", "/window");
        current = undefined;
      },
      async press(keys) {
        const values = keys.split("+").map((key) => KEYS[key] ?? key);
        const actions = [...values.map((value) => ({ type: "keyDown", value })), ...values.toReversed().map((value) => ({ type: "keyUp", value }))];
        await command("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
      },
      async picture(path) {
        // What was drawn last is on the screen two frames later.
        await page.eval(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 50)))));
        writeFileSync(path, Buffer.from(await command("GET", "/screenshot"), "base64"));
      },
    };
    await page.go(url);
    return page;
  };
  const close = async () => {
    await Promise.race([ask("DELETE", session).catch(() => {}), pause(5_000)]);
    driver.kill();
    screen.kill();
    // What they leave running writes for a moment more.
    await until("its files are gone", () => (rmSync(home, { recursive: true, force: true }), true));
  };
  return { name: "webkit", tab, close };
}
