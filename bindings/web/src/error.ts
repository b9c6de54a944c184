/** What went wrong, by what a caller can do about it. */
export type ErrorCode =
  /** Stored by a newer version of this library: nothing was touched. Update the library. */
  | "newer_format"
  /** Stored data cannot be read: it was kept aside, and the journal starts again. */
  | "damaged"
  /** The browser gives no storage, or took it away: the client goes on in memory and shows only transactional messages, cards and previews (engine.md 1.9). */
  | "store_unavailable"
  /** The playbook as a whole cannot be used. */
  | "invalid_playbook"
  /** The playbook's address did not answer. */
  | "playbook_unreachable"
  /** The page's Content-Security-Policy does not let WebAssembly run. */
  | "wasm_blocked"
  /** The module's address did not answer, or what it gave is not the module. */
  | "wasm_unavailable"
  /** The engine failed twice: the client shows nothing. */
  | "engine_failed"
  /** There is no page: a server, or a worker. */
  | "no_page"
  /** An option of `createClient` that cannot be used. */
  | "invalid_option"
  /** An input that is none. */
  | "invalid_input"
  /** State of another person: identify first. */
  | "wrong_user"
  /** Too many inputs wait to be stored: try again when they are. */
  | "backpressure"
  /** The client is switched off: `enable` first. */
  | "disabled"
  /** The client was closed. */
  | "closed";

/** The one error type of this package. */
export class HearkenError extends Error {
  override readonly name = "HearkenError";
  /** What a caller can act on. */
  readonly code: ErrorCode;
  /** Where the problem stands, such as `row 17` or `campaigns[0].caps[1]`, if it has a place. */
  readonly place: string | undefined;

  constructor(code: ErrorCode, message: string, options: { place?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place;
  }
}

/** What a person reads of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
