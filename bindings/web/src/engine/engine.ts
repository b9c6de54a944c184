// One engine behind types: JSON in, JSON out, and every failure a HearkenError.

import { HearkenError, messageOf, type ErrorCode } from "../error.js";
import type { Context, Explanation, Glue, Inbox, Input, Needs, Person, RawEngine, Standing, Step, SuccessReport, Withdrawn, Words } from "./api.js";
import type { Message } from "../message.js";

/** What this host draws on (engine.md 5.1). */
export const CHANNELS = "in_browser,inbox";

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
    this.#call("load", checkpoint);
  }

  fold(row: string): Withdrawn[] {
    return JSON.parse(this.#call("fold", row) || "[]") as Withdrawn[];
  }

  handle(input: Input, ctx: Context): Step {
    return this.#ask("handle", JSON.stringify(input), ctx);
  }

  explain(campaign: string, ctx: Context): Explanation {
    return this.#ask("explain", campaign, ctx);
  }

  /** What a campaign would show, whatever its stages say. */
  preview(campaign: string, variant: string | undefined, ctx: Context): { message: Message } | { reason: { code: string } } {
    return this.#ask("preview", `${campaign}\n${variant ?? ""}`, ctx);
  }

  /** The id of the page that follows the one that a `page` interaction names. */
  nextPage(input: Input): string | undefined {
    return this.#call("next", JSON.stringify(input)) || undefined;
  }

  /** The inbox, as JSON. */
  inboxText(ctx: Context): string {
    return this.#call("inbox", "", JSON.stringify(ctx));
  }

  inbox(ctx: Context): Inbox {
    return JSON.parse(this.inboxText(ctx)) as Inbox;
  }

  exportState(): string {
    return this.#call("state");
  }

  words(locale: string): Words {
    return this.#ask("words", locale);
  }

  /** What the playbook asks of the page; nothing before there is one. */
  needs(): Needs | undefined {
    const text = this.#call("needs");
    return text ? (JSON.parse(text) as Needs) : undefined;
  }

  person(): Person {
    return this.#ask("person");
  }

  /** The ids of the campaigns that can be used. */
  campaigns(): string[] {
    return this.#ask("campaigns");
  }

  /** Every metric of the success definition. */
  success(ctx: Context): SuccessReport {
    return this.#ask("success", "", ctx);
  }

  supplyPlaybook(document: string): void {
    this.#call("playbook", document);
  }

  playbookNeeded(): string | undefined {
    return this.#call("playbook") || undefined;
  }

  /** The events that a playbook's new counters count (engine.md 3.3). */
  historyNeeded(document: string): string[] {
    return this.#ask("history", document);
  }

  takeRow(): string | undefined {
    return this.#call("row") || undefined;
  }

  takeBlob(): string | undefined {
    return this.#call("blob") || undefined;
  }

  checkpoint(): string {
    return this.#call("checkpoint");
  }

  get standing(): Standing {
    return this.#ask("open");
  }

  get seq(): number {
    return guarded(() => this.#raw.seq());
  }

  get lastN(): number {
    return guarded(() => this.#raw.lastN());
  }

  /** Gives its memory back. A trapped instance may refuse; it is dropped as a whole then. */
  free(): void {
    try {
      this.#raw.free();
    } catch {
      // Nothing depends on it any more.
    }
  }

  #call(what: string, a = "", b = ""): string {
    return guarded(() => this.#raw.call(what, a, b));
  }

  #ask<T>(what: string, a?: string, ctx?: Context): T {
    return JSON.parse(this.#call(what, a, ctx && JSON.stringify(ctx))) as T;
  }
}
