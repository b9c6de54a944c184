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

/** What is done to an attribute (engine.md 2.6). */
export type AttributeOp = "set" | "unset" | "increment" | "append" | "remove";

/** A span of time: milliseconds, or as a playbook writes it (`"10m"`). */
export type Span = number | string;

/** Values of `$host`: a closed table (engine.md 3.2). */
export type HostValues = Partial<
  Record<"platform" | "os_version" | "app_version" | "sdk_version" | "device_class" | "url.host" | "url.path" | "url.query" | "url.hash", string>
> & { first_seen_ms?: number };

/** A touch through another channel: an email, a push, a text message. */
export interface Touch {
  kind: "delivered" | "opened" | "clicked" | "unsubscribed";
  /** Its id at whoever sent it. */
  delivery_id: string;
  channel: string;
  campaign?: string;
  /** The link that was used. */
  target?: string;
}

/** The answers of a form, by the names of its fields. */
export type Answers = Record<string, Json>;

/** What a person did with a card. */
export type CardAction = "seen" | "read" | "archive" | "dismiss" | "snooze" | "click";

/** Something that happened (engine.md 1.1). */
export type Input =
  | { open: { consent?: Purpose[]; resumes?: string; lost?: string } }
  | { install_playbook: { document: string; history?: Json[] } }
  | { track: { name: string; properties: Record<string, Json>; at?: number } }
  | { screen: { name: string } }
  | { identify: { user: string } }
  | "reset"
  | { attribute: { op?: AttributeOp; name: string; value?: Json } }
  /** All that is granted; or what was chosen of some, to which what is in force of the others is added when it is handled. */
  | { consent: ({ purposes: Purpose[] } | { only: Partial<Record<Purpose, boolean>> }) & { purge?: boolean } }
  | { switch: { enabled: boolean } }
  | { touch: Touch }
  | { cue: { cue: string; value?: Json } }
  | { offer: { document: string } }
  | { mount: { placement: string; mounted?: boolean } }
  | "host_state"
  | { store_state: { volatile: boolean } }
  | { host_state: { host?: HostValues; paused?: boolean } }
  | { host_answer: { presentation_id: string; answer: "later" | "discard"; after?: Span } }
  | { displaying: { presentation_id: string } }
  | { visible: { presentation_id: string } }
  | { ended: { presentation_id: string; cause: "auto" | "unmounted" } }
  | { interaction: { presentation_id: string; kind: "click" | "dismiss" | "page"; target?: string; answers?: Answers } }
  | { card: { card: string; action: CardAction; target?: string; lasts?: Span } }
  | { owners_gone: { owners: string[] } }
  | { import: { document: string } }
  | { gap: { reason: string; from?: number; to?: number } }
  | "erase"
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
  | { verdict: "disabled" }
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
  /** The variant of its experiment. */
  variant?: string;
  channel: string;
  /** The place in the page that it fills. */
  placement?: string;
  resumed: boolean;
  message: Message;
}

/** One card of the inbox (engine.md 9.1). */
export interface Card {
  card: string;
  campaign: string;
  made_at: number;
  pinned: boolean;
  expires_at?: number;
  seen: boolean;
  read: boolean;
  archived: boolean;
  message: Message;
}

/** The inbox: pinned first, then the newest. */
export interface Inbox {
  cards: Card[];
  unread: number;
}

/** The library's own words in a person's language. */
export type Words = Record<"close" | "back" | "next" | "send" | "required" | "email" | "other" | "unread" | "pinned" | "inbox" | "empty" | "remove", string>;

/** Tokens of appearance by name, such as `background`, `text`, `button`, `button_text` (docs/playbook.md). */
export type Theme = Partial<Record<"light" | "dark", Record<string, Json>>>;

/** What only the page can see, and what of it the playbook waits for. */
export interface Cue {
  cue: string;
  value?: Json;
}

/** What the playbook asks of the page. */
export interface Needs {
  theme?: Theme;
  /** How long a message has to be in sight to count as seen, in milliseconds. */
  impression: number;
  cues: Cue[];
}

/** Who is here. */
export interface Person {
  profile?: string;
  user?: string;
  consent: Purpose[];
  attributes?: Record<string, Json>;
}

/** Every metric of the playbook's success definition for the person of this device. Its numbers are this device's alone. */
export interface SuccessReport {
  /** The definition's id; absent where the playbook brings none. */
  definition?: string;
  version?: number;
  scope: "this_device";
  /** The instant of the report. */
  at: number;
  /** The currency of values, such as `USD`, and how many digits its minor unit has. */
  currency?: string;
  digits?: number;
  /** Everything before this instant is folded for good. */
  sealed_to: number;
  metrics: Metric[];
}

/** One metric: a pair of whole numbers. */
export interface Metric {
  metric: string;
  /** Its name for people. */
  title?: string;
  /** Names what it means: equal fingerprints are the same number, here and in a warehouse. */
  fingerprint: string;
  /** How the value is to be read. */
  kind: "ratio" | "total" | "ms" | "change";
  /** The instant up to which it counts, exclusive; `live` if that is now. */
  as_of: number;
  live: boolean;
  /** Absent where the metric is unavailable or split. */
  num?: number;
  /** A total has none. */
  den?: number;
  /** num / den, as the definition says to print it; absent where den is 0. */
  value?: number;
  /** The same by group, where the metric is split. */
  groups?: { group: string; num: number; den?: number; value?: number }[];
  goal?: "met" | "missed" | "no_data" | "no_target";
  role?: "primary" | "secondary" | "guardrail";
  /** Why there is no number. */
  unavailable?: "history_incomplete" | "state_limit" | "clock" | "excluded";
}

/** What stands on screens. */
export interface Standing {
  /** This owner's presentations that are offered or on its screen. */
  own: string[];
  /** Other owners with something offered or on a screen. */
  foreign: string[];
  /** Whether a trigger waits. */
  waiting: boolean;
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
  inbox_changed?: boolean;
  /** Everything that was stored before goes, in the write that stores the row (engine.md 2.5). */
  erased?: boolean;
  /** Added by the shell where everything was erased. */
  receipt?: { profiles: string[] };
  /** Added by the shell: the row as it is stored, for tools. */
  written?: string;
  /** When the engine wants a tick. */
  next_wakeup?: number;
};

/** The engine, as wasm-bindgen wraps it (crates/wasm). Synchronous: it runs inside one transaction. */
export interface RawEngine {
  /** Does or asks one thing; the table stands in crates/wasm. */
  call(what: string, a: string, b: string): string;
  seq(): number;
  lastN(): number;
  free(): void;
}

/** One instance of the module. */
export interface Glue {
  HearkenEngine: new (owner: string, channels: string) => RawEngine;
  exportRow(row: string, after: number, withPii: boolean): string;
  initSync(options: { module: WebAssembly.Module }): unknown;
}
