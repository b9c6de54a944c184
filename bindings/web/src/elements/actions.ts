// The actions that are the host's (message.rs): addresses, places in the app, permissions and its own. Turning pages is the
// element's; the others are the engine's.

import type { Action } from "../message.js";
import type { RendererHost } from "../types.js";

/** Nothing that runs code or is not private is ever opened, whatever the playbook says; other schemes are the app's own. */
const REFUSED = new Set(["http:", "javascript:", "data:", "vbscript:", "blob:", "file:"]);

/** Runs a button's actions, inside the person's click: a browser opens a window only then. */
export function runActions(actions: Action[], element: Element, host: RendererHost): void {
  const tell = (name: string, detail: unknown) =>
    element.dispatchEvent(new CustomEvent(`hearken-${name}`, { detail, bubbles: true, composed: true }));
  for (const action of actions) {
    if (typeof action === "string") continue;
    if ("open_url" in action) openUrl(action.open_url, host);
    else if ("deep_link" in action) {
      if (host.delegate.deepLink) host.delegate.deepLink(action.deep_link);
      else tell("deep-link", { link: action.deep_link });
    } else if ("request_permission" in action) tell("permission", { permission: action.request_permission });
    else if ("custom" in action) tell("custom", action.custom);
  }
}

function openUrl(address: string, host: RendererHost): void {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return host.report("action_refused", `open_url: ${address} is no address`);
  }
  if (REFUSED.has(url.protocol)) return host.report("action_refused", `open_url: the scheme ${url.protocol} is not allowed`);
  window.open(url, "_blank", "noopener");
}
