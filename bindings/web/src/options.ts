// What `createClient` takes, checked where it is called.

import type { Purpose, Span } from "./engine/api.js";
import { HearkenError, messageOf } from "./error.js";
import type { Kept } from "./shell/retention.js";
import { span } from "./span.js";
import type { ClientOptions, Consent } from "./types.js";

export const PURPOSES: Purpose[] = ["analytics", "personalization", "messaging"];

/** Only `true` is a consent: a tool that says "denied" said no. */
export function granted(consent: Partial<Consent>): Purpose[] {
  return PURPOSES.filter((purpose) => consent[purpose] === true);
}

/** The options, or an error that says what is missing. */
export function checked(options: ClientOptions): ClientOptions {
  if (!options?.playbook) throw invalid("playbook", "is needed: an address, a JSON text, or the document");
  if (PURPOSES.some((purpose) => typeof options.consent?.[purpose] !== "boolean")) {
    throw invalid("consent", "is needed: { analytics, messaging, personalization }, each true or false");
  }
  kept(options);
  return options;
}

/** What is kept of what no export has taken (engine.md 11.4). */
export function kept({ retention }: ClientOptions): Kept {
  const bytes = retention?.bytes ?? 50_000_000;
  if (!(bytes >= 0)) throw invalid("retention.bytes", "is no number of characters");
  return { age: spanOf("retention.age", retention?.age ?? "90d"), bytes };
}

/** A span of time that an option says, in milliseconds. */
export function spanOf(option: string, value: Span): number {
  try {
    return span(value);
  } catch (error) {
    throw invalid(option, messageOf(error));
  }
}

/** The error that names an option. */
export function invalid(option: string, message: string): HearkenError {
  return new HearkenError("invalid_option", `\`${option}\`: ${message}`, { place: option });
}
