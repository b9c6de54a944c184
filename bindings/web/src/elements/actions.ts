// The actions that are the host's (message.rs): addresses and places in the app. The others are the engine's.

import type { Action } from "../message.js";
import type { RendererHost } from "../types.js";

/** Re-checked here, whatever the playbook says: nothing that runs code is ever opened. */
const SCHEMES = new Set(["https:", "mailto:", "tel:"]);

/** Runs a button's actions, inside the person's click: a browser opens a window only then. */
export function runActions(actions: Action[], element: Element, host: RendererHost): void {
  for (const action of actions) {
    if (typeof action === "string") continue;
    if ("open_url" in action) openUrl(action.open_url, host);
    else if ("deep_link" in action) deepLink(action.deep_link, element, host);
  }
}

function openUrl(address: string, host: RendererHost): void {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return host.report("action_refused", `open_url: ${address} is no address`);
  }
  if (!SCHEMES.has(url.protocol)) return host.report("action_refused", `open_url: the scheme ${url.protocol} is not allowed`);
  window.open(url, "_blank", "noopener");
}

function deepLink(link: string, element: Element, host: RendererHost): void {
  if (host.delegate.deepLink) return host.delegate.deepLink(link);
  element.dispatchEvent(new CustomEvent("hearken-deep-link", { detail: { link }, bubbles: true, composed: true }));
}
