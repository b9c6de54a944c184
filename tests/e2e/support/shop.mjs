// The example shop, served as `cargo xtask demo` serves it, and what a person does in it.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "./browser.mjs";

/** Its server, and where it listens. */
export async function openShop() {
  const shop = spawn(process.execPath, [fileURLToPath(new URL("../../../examples/web/serve.mjs", import.meta.url)), "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    shop.stdout.once("data", (text) => resolve(/^listening on (http:\S+)\n/.exec(text)?.[1]));
    shop.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { url, close: () => shop.kill() };
}

/** Presses what is called `name`, in the page or in a message. */
export function press(tab, name) {
  return until(`there is “${name}”`, () => tab.eval((text) => {
    const roots = [document, document.querySelector("hearken-messages").shadowRoot];
    const found = roots.flatMap((root) => [...root.querySelectorAll("button, a")]).find((control) => [control.textContent.trim(), control.ariaLabel].includes(text));
    found?.click();
    return Boolean(found);
  }, name));
}

/** What the message that stands is called. */
export const message = (tab) => tab.eval(() => document.querySelector("hearken-messages")?.shadowRoot.querySelector("dialog, section")?.ariaLabel);
