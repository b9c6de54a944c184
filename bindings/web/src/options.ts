// What `createClient` takes, checked where it is called.

import type { Purpose } from "./engine/api.js";
import { HearkenError } from "./error.js";
import type { ClientOptions, Consent } from "./types.js";

export const PURPOSES: Purpose[] = ["analytics", "personalization", "messaging"];

export function granted(consent: Partial<Consent>): Purpose[] {
  return PURPOSES.filter((purpose) => consent[purpose]);
}

/** The options, or an error that says what is missing. */
export function checked(options: ClientOptions): ClientOptions {
  const wrong = (message: string) => new HearkenError("invalid_option", message);
  if (!options?.playbook) throw wrong("`playbook` is needed: an address, a JSON text, or the document");
  if (typeof options.consent !== "object" || PURPOSES.some((purpose) => typeof options.consent[purpose] !== "boolean")) {
    throw wrong("`consent` is needed: { analytics, messaging, personalization }, each true or false");
  }
  return options;
}
