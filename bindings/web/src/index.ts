/**
 * `@hearken/web`: decides in the page which message a person sees, shows it, and keeps a journal of it.
 *
 * Importing does nothing: no storage, no network, no page is needed until `createClient`.
 */
import { HearkenClient } from "./client.js";
import { checked } from "./options.js";
import type { ClientOptions, OpenPlan, PlanOf } from "./types.js";

export * from "./exports.js";

/** Opens a client: returns at once, and queues until it is open. The module is the one beside this code, unless `wasm` names another. */
export function createClient<P extends PlanOf = OpenPlan>(options: ClientOptions): HearkenClient<P> {
  return new HearkenClient<P>({ ...checked(options), wasm: options.wasm ?? new URL("hearken.wasm", import.meta.url) });
}
