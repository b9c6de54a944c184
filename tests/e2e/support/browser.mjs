// A Chromium for the tests: with its back-forward cache, which automation switches off by default.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const PATH = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];

/** A browser with a profile of its own; `close` removes both. */
export async function launch(options = {}) {
  const profile = mkdtempSync(join(tmpdir(), "hearken-e2e-"));
  const browser = await puppeteer.launch({
    executablePath: PATH,
    headless: true,
    userDataDir: profile,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: [...ARGUMENTS, ...(options.arguments ?? [])],
  });
  const close = async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { browser, close };
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for something to hold; what it never saw is the error. This bounds a hang, it measures nothing. */
export async function until(what, check, limit = 20_000) {
  const end = Date.now() + limit;
  let seen;
  for (;;) {
    try {
      seen = await check();
      if (seen) return seen;
    } catch (error) {
      seen = error;
    }
    if (Date.now() > end) throw new Error(`never: ${what}; last seen: ${seen instanceof Error ? seen.message : JSON.stringify(seen)}`);
    await pause(25);
  }
}
