// How a client stands, and whom it tells: `status`, `on("report")`, the console.

import type { Emitter } from "./emitter.js";
import { HearkenError } from "./error.js";
import type { ClientEvents, ClientOptions, Report, Status } from "./types.js";

const LEVELS = ["none", "error", "warn", "debug"] as const;

export class Health {
  status: Status;
  closed = false;
  readonly #options: ClientOptions;
  readonly #events: Emitter<ClientEvents>;

  constructor(options: ClientOptions, events: Emitter<ClientEvents>) {
    this.#options = options;
    this.#events = events;
    this.status = { store: options.store ?? "indexeddb" };
  }

  /** Why nothing is answered any more. */
  get stopped(): HearkenError {
    if (this.closed) return new HearkenError("closed", "the client is closed");
    return this.status.error ?? new HearkenError("backpressure", "too many inputs wait to be stored");
  }

  /** Whether nothing is taken any more. */
  get over(): boolean {
    return this.closed || this.status.store === "none";
  }

  /** What a call that comes too late is refused with. */
  get refusal(): string {
    return this.over ? this.stopped.code : "backpressure";
  }

  /** Only transactional messages, cards and previews are given when nothing could be remembered (engine.md 1.9), unless the host asked for `memory`. */
  get storeless(): boolean {
    return this.status.store === "memory" && this.#options.store !== "memory";
  }

  report(code: string, message: string, error?: HearkenError): void {
    this.log(error && error.code !== "playbook_unreachable" ? "error" : "warn", `${code}: ${message}`);
    this.#events.emit("report", { code: code as Report["code"], message, ...(error && { error }) });
  }

  /** Works, with less than was asked for. */
  less(error: HearkenError): void {
    this.status = { ...this.status, error: this.status.error ?? error };
    this.report(error.code, error.message, error);
  }

  memory(error: HearkenError): void {
    this.status = { store: "memory", error };
    this.report(error.code, `${error.message}; this page goes on in memory and shows only transactional messages and cards`, error);
  }

  none(error: HearkenError): Status {
    this.status = { store: "none", error };
    // A server renders a page like any other, and nobody has to hear of it.
    if (error.code !== "no_page") this.report(error.code, `${error.message}; this page shows no messages`, error);
    return this.status;
  }

  log(level: "error" | "warn" | "debug", text: string): void {
    if (LEVELS.indexOf(level) <= LEVELS.indexOf(this.#options.logLevel ?? "warn")) console[level](`hearken: ${text}`);
  }
}
