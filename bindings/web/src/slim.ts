/** `@hearken/web/slim`: the same client without the address of its module, for whoever loads it in a way of their own. */
import { HearkenClient } from "./client.js";
import type { WasmSource } from "./engine/module.js";
import { HearkenError } from "./error.js";
import { checked } from "./options.js";
import type { ClientOptions, OpenPlan, PlanOf } from "./types.js";

export * from "./exports.js";

/** Opens a client: returns at once, and queues until it is open. */
export function createClient<P extends PlanOf = OpenPlan>(options: ClientOptions & { wasm: WasmSource }): HearkenClient<P> {
  if (!options?.wasm) throw new HearkenError("invalid_option", "`wasm` is needed: the address or the bytes of @hearken/web/hearken.wasm");
  return new HearkenClient<P>(checked(options));
}
