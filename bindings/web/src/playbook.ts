// Where a playbook comes from. The shell fetches only what the host named (DESIGN: pure core).

import { HearkenError, messageOf } from "./error.js";
import type { PlaybookSource } from "./types.js";

/** How long an address may take before the last good playbook is used without it. */
const PATIENCE = 10_000;

/** The document's text. */
export async function loadPlaybook(source: PlaybookSource): Promise<string> {
  if (typeof source === "string" && source.trimStart().startsWith("{")) return source;
  if (typeof source === "string" || source instanceof URL) return fetchText(source);
  try {
    return JSON.stringify(source);
  } catch (cause) {
    throw new HearkenError("invalid_playbook", `the playbook is no JSON: ${messageOf(cause)}`, { cause });
  }
}

async function fetchText(address: string | URL): Promise<string> {
  try {
    const response = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.text();
  } catch (cause) {
    throw new HearkenError("playbook_unreachable", `${address}: ${messageOf(cause)}`, { place: String(address), cause });
  }
}

/** What the core says of a document that it refused, with its place. */
export function invalidPlaybook(message: unknown): HearkenError {
  const text = String(message);
  // The core puts the place first: `line 3, column 5: …` or `campaigns[0].id: …`.
  const place = /^(line \d+, column \d+|[\w.[\]$]+): /.exec(text)?.[1];
  return new HearkenError("invalid_playbook", text, place === undefined ? {} : { place });
}

export function asError(reason: unknown, code: "store_unavailable" | "wasm_unavailable"): HearkenError {
  return reason instanceof HearkenError ? reason : new HearkenError(code, messageOf(reason), { cause: reason });
}
