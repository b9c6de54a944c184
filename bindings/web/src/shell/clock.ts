// The moment of an input, taken when it happens (engine.md 1.1).

import type { Context, Input } from "../engine/api.js";
import { randomHex } from "../store/store.js";

/** How far an instant may lie behind the journal and still be taken for its last one (engine.md 1.5). */
export const SLACK = 1_000;

export function moment(locale: string, canDisplay: boolean): Context {
  const now = Date.now();
  return { now, offset_min: -new Date(now).getTimezoneOffset(), entropy: randomHex(16), locale, can_display: canDisplay };
}

/**
 * An input that waited longer than the slack (a slow first load, a retry, a page that left) happens now: its old
 * instant would look to the engine like a clock that was set back, since other tabs wrote meanwhile (engine.md 1.5).
 * An event keeps its own instant as `at`; number and entropy stay, so that a repeat is still known as one.
 */
export function settle(input: Input, ctx: Context, now: number): { input: Input; ctx: Context } {
  if (now - ctx.now <= SLACK) return { input, ctx };
  const late = { ...ctx, now };
  if (typeof input === "object" && "track" in input && input.track.at === undefined) {
    return { input: { track: { ...input.track, at: ctx.now } }, ctx: late };
  }
  return { input, ctx: late };
}
