// What the engine takes and answers: the JSON of crates/core (input.rs, step.rs, reason.rs), one type each.

import type { Message } from "../message.js";

/** A purpose that a person can agree to (engine.md 2.4). */
export type Purpose = "analytics" | "messaging" | "personalization";

/** A value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The moment of an input (engine.md 1.1). */
export interface Context {
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** Minutes that local time is ahead of UTC. */
  offset_min: number;
  /** 16 random bytes, as 32 hex digits. */
  entropy: string;
  /** A BCP 47 tag. */
  locale: string;
  /** Whether this tab can be seen now. */
  can_display: boolean;
  /** The input's number among this owner's, from 1. */
  n?: number;
}

/** Something that happened (engine.md 1.1). */
export type Input =
  | { open: { consent?: Purpose[]; resumes?: string; lost?: string } }
  | { install_playbook: { document: string } }
  | { track: { name: string; properties: Record<string, Json>; at?: number } }
  | { attribute: { name: string; value: Json } }
  | { consent: { purposes: Purpose[] } }
  | "host_state"
  | { host_answer: { presentation_id: string; answer: "later" | "discard" } }
  | { displaying: { presentation_id: string } }
  | { visible: { presentation_id: string } }
  | { ended: { presentation_id: string; cause: "auto" | "unmounted" } }
  | { interaction: { presentation_id: string; kind: "click" | "dismiss"; target?: string } }
  | { owners_gone: { owners: string[] } }
  | "tick";

/** Why an input was refused; `code` is the contract, the other fields name the place. */
export interface Rejection {
  code: string;
  [detail: string]: Json | undefined;
}

/** What became of an input. */
export type Verdict =
  | { verdict: "accepted" }
  | { verdict: "not_consented" }
  | { verdict: "rejected"; rejection: Rejection };

/** Why a stage failed; `code` is the contract (reason.rs). */
export interface Reason {
  code: string;
  [detail: string]: Json | undefined;
}

/** What became of a campaign. */
export type Outcome =
  | { outcome: "offered" }
  | { outcome: "displaying" }
  | { outcome: "eligible" }
  | { outcome: "waiting"; stage: string; reason: Reason }
  | { outcome: "stopped"; stage: string; reason: Reason };

/** What a step decided about one campaign. */
export type Decision = { campaign: string } & Outcome;

/** Why a campaign is, or is not, shown at an instant. */
export type Explanation = {
  campaign: string;
  at: number;
  passed: { stage: string; detail: string }[];
  /** When the failing stage can pass, where that is known. */
  next_eligible_at?: number;
  /** The last decision on it since the page opened its client. */
  last?: { at: number } & Outcome;
} & Outcome;

/** A message for one person, as the engine offers it. */
export interface Offer {
  presentation_id: string;
  campaign: string;
  channel: string;
  resumed: boolean;
  message: Message;
}

/** A presentation to take off the screen, or out of the queue. */
export interface Withdrawn {
  presentation_id: string;
  cause: string;
}

/** Something that a developer should know. */
export interface Diagnostic {
  code: string;
  [detail: string]: Json | undefined;
}

/** The engine's answer to one input; its row and blob are taken from the engine. */
export type Step = Verdict & {
  /** The places of the row's first and last record, if there is a row to take. */
  row?: [first: number, last: number];
  /** The hash of the document to store, if there is one. */
  blob?: string;
  offered: Offer[];
  withdrawn: Withdrawn[];
  decisions: Decision[];
  diagnostics: Diagnostic[];
  /** When the engine wants a tick. */
  next_wakeup?: number;
};

/** The engine, as wasm-bindgen wraps it (crates/wasm). Synchronous: it runs inside one transaction. */
export interface RawEngine {
  load(checkpoint: string): void;
  fold(row: string): string;
  playbookNeeded(): string | undefined;
  supplyPlaybook(document: string): void;
  handle(input: string, ctx: string): string;
  takeRow(): string | undefined;
  takeBlob(): string | undefined;
  checkpoint(): string;
  explain(campaign: string, ctx: string): string;
  seq(): number;
  lastN(): number;
  foreignOwners(): string[];
  ownOpen(): string[];
  hasWaiting(): boolean;
  free(): void;
}

/** One instance of the module. */
export interface Glue {
  HearkenEngine: new (owner: string, channels: string) => RawEngine;
  exportRow(row: string, after: number, withPii: boolean): string;
  initSync(options: { module: WebAssembly.Module }): unknown;
}
