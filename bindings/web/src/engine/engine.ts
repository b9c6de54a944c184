// One engine behind types: JSON in, JSON out, and every failure a HearkenError.

import { HearkenError, messageOf, type ErrorCode } from "../error.js";
import type { Context, Explanation, Glue, Input, RawEngine, Step, Withdrawn } from "./api.js";

/** What this host draws on (engine.md 5.1). */
export const CHANNELS = "in_browser";

/** The engine gave up in the middle: its instance is to be discarded (engine.md 1.7). */
export class Trap extends Error {
  override readonly name = "Trap";
}

/** Runs a call into the module; what it throws is a text with a code, anything else is a trap. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (typeof thrown !== "string") throw new Trap(messageOf(thrown), { cause: thrown });
    const { code, message } = JSON.parse(thrown) as { code: ErrorCode; message: string };
    throw new HearkenError(code, message);
  }
}

export class Engine {
  readonly #raw: RawEngine;

  constructor(glue: Glue, owner: string, channels: string = CHANNELS) {
    this.#raw = guarded(() => new glue.HearkenEngine(owner, channels));
  }

  load(checkpoint: string): void {
    guarded(() => this.#raw.load(checkpoint));
  }

  fold(row: string): Withdrawn[] {
    const text = guarded(() => this.#raw.fold(row));
    return text === "[]" ? [] : (JSON.parse(text) as Withdrawn[]);
  }

  handle(input: Input, ctx: Context): Step {
    return JSON.parse(guarded(() => this.#raw.handle(JSON.stringify(input), JSON.stringify(ctx)))) as Step;
  }

  explain(campaign: string, ctx: Context): Explanation {
    return JSON.parse(guarded(() => this.#raw.explain(campaign, JSON.stringify(ctx)))) as Explanation;
  }

  supplyPlaybook(document: string): void {
    guarded(() => this.#raw.supplyPlaybook(document));
  }

  playbookNeeded(): string | undefined {
    return guarded(() => this.#raw.playbookNeeded());
  }

  takeRow(): string | undefined {
    return guarded(() => this.#raw.takeRow());
  }

  takeBlob(): string | undefined {
    return guarded(() => this.#raw.takeBlob());
  }

  checkpoint(): string {
    return guarded(() => this.#raw.checkpoint());
  }

  get seq(): number {
    return guarded(() => this.#raw.seq());
  }

  get lastN(): number {
    return guarded(() => this.#raw.lastN());
  }

  get foreignOwners(): string[] {
    return guarded(() => this.#raw.foreignOwners());
  }

  get ownOpen(): string[] {
    return guarded(() => this.#raw.ownOpen());
  }

  get hasWaiting(): boolean {
    return guarded(() => this.#raw.hasWaiting());
  }

  /** Gives its memory back. A trapped instance may refuse; it is dropped as a whole then. */
  free(): void {
    try {
      this.#raw.free();
    } catch {
      // Nothing depends on it any more.
    }
  }
}
