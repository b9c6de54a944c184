// What people type, and what they are told.

import type { Answers, AttributeOp, CardAction, Context, Decision, Diagnostic, HostValues, Inbox, Input, Json, Needs, Person, Purpose, Rejection, Span, Step, Words } from "./engine/api.js";
import type { WasmSource } from "./engine/module.js";
import type { HearkenClient } from "./client.js";
import type { ErrorCode, HearkenError } from "./error.js";
import type { Message } from "./message.js";

/** What a person agreed to; the host says it explicitly, there is no default (engine.md 2.4). */
export type Consent = Record<Purpose, boolean>;

/** A playbook: its address, its JSON text, or the parsed document. */
export type PlaybookSource = string | URL | { readonly [key: string]: unknown };

export interface ClientOptions {
  /** Two names never share a database. */
  name?: string;
  playbook: PlaybookSource;
  /** Serves only the first profile of a store; later choices are `setConsent`. */
  consent: Consent;
  /** A BCP 47 tag; the page's language if none is given. */
  locale?: string;
  /** `memory` keeps nothing beyond the page, by the host's own wish. */
  store?: "indexeddb" | "memory";
  /** The module `hearken.wasm`; the one beside this package's code if none is given. */
  wasm?: WasmSource;
  delegate?: Delegate;
  /** What conditions may ask of the host; the platform and the address are filled in. */
  host?: HostValues;
  /** Sends what is recorded; nothing is sent without one. `@hearken/web/exporter` has one. */
  exporter?: Exporter;
  /** What is written to the console; `warn` if nothing is said. */
  logLevel?: "none" | "error" | "warn" | "debug";
  /** How long, and how many characters, is kept of what no export has taken: 90 days and 50,000,000 if nothing is said. What is given up is recorded as `$journal_gap`. */
  retention?: { age?: Span; bytes?: number };
  /** @internal Times that tests shorten, in milliseconds. */
  times?: { ownerGrace?: number; openTimeout?: number; transactionTimeout?: number; tidyAfter?: number };
}

/** Begins to send what a client records; the answer stops it. */
export type Exporter = (client: HearkenClient<never>) => () => void;

/** What a host decides for itself. */
export interface Delegate {
  /** Asked before anything is drawn. Without a delegate, messages show. */
  offer?(presentation: Presentation): Answer | Promise<Answer>;
  /** Draws a message of the layout `custom`: `begin`, then `visible` and what the person does. */
  draw?(presentation: Presentation): void;
  /** Goes to a place in the app; without it, the element fires `hearken-deep-link`. */
  deepLink?(link: string): void;
}

/** `later` asks again when conditions change; with a span not before it is over. */
export type Answer = "show" | "later" | "discard" | { later: Span };

/** One message for one person, and what a renderer says of it (engine.md 6.2). */
export interface Presentation {
  readonly id: string;
  readonly campaign: string;
  /** The variant of its experiment. */
  readonly variant: string | undefined;
  readonly channel: string;
  /** The place in the page that it fills. */
  readonly placement: string | undefined;
  /** It stood on the screen before a reload: it is drawn again, and nothing is spent. */
  readonly resumed: boolean;
  /** It was put on the screen by `preview`, for whoever runs the page: nothing of it is recorded, and whoever draws it says so. */
  readonly forced?: boolean;
  readonly message: Message;
  /** The library's own words in the person's language. */
  readonly words: Words;
  /** Resolves when `displaying` is stored. Nothing is drawn before, and nothing at all if the answer is `false`. */
  begin(): Promise<boolean>;
  /** It was really seen: visible for a second. */
  visible(): void;
  /** The person used a button; `answers` are those of the form so far. */
  click(target: string, answers?: Answers): void;
  /** The person came to a page. */
  page(page: string, answers?: Answers): void;
  /** The page that follows one, given the answers so far; nothing after the last. */
  next(page: string, answers?: Answers): Promise<string | undefined>;
  /** The person closed it. */
  dismiss(): void;
  /** It left the screen without the person's doing. */
  ended(cause: "auto" | "unmounted"): void;
}

/** What draws. */
export interface Renderer {
  /** The place in the page that it fills; without one it draws what fills no place. */
  readonly placement?: string | undefined;
  show(presentation: Presentation, client: RendererHost): void;
  /** It is no longer this tab's: off the screen, without a word. */
  withdraw(id: string): void;
}

/** What a renderer may ask of its client. */
export interface RendererHost {
  readonly delegate: Delegate;
  readonly needs: Needs | undefined;
  person(): Promise<Person>;
  setConsent(consent: Partial<Consent>): void;
  remember(name: string, value: Json): void;
  report(code: string, message: string): void;
}

/** What became of a call. `queued` is not yet handled: a later refusal reaches `on("diagnostic")`. */
export type TrackVerdict = { verdict: "queued" } | { verdict: "rejected"; rejection: Rejection };

/** How the client stands once it is open. */
export interface Status {
  /** Where it keeps its journal: `none` if the engine does not run at all. */
  store: "indexeddb" | "memory" | "none";
  /** Why it is less than was asked for. */
  error?: HearkenError;
}

/** Something that whoever runs the page should know. */
export interface Report {
  code: ErrorCode | "engine_restarted" | "journal_gap" | "elements_missing" | "delegate_failed" | "image_failed" | "anchor_missing" | "action_refused" | "export_failed";
  message: string;
  error?: HearkenError;
}

/** Exported lines, oldest first (engine.md 11.4). */
export interface ExportBatch {
  /** JSON Lines: the same record always has the same bytes. */
  records: string[];
  /** The places of the first and the last record. */
  from: number;
  to: number;
  /** These never come again, from any tab. */
  acknowledge(): Promise<void>;
}

export interface ClientEvents {
  offer: Presentation;
  withdrawn: { id: string; campaign: string };
  shown: { id: string; campaign: string };
  diagnostic: Diagnostic | ({ code: "input_rejected"; input: string; name?: string; rejection: Rejection } & Record<string, unknown>);
  decisions: Decision[];
  inbox: Inbox;
  report: Report;
  /** The playbook in force asks something else of the page. */
  playbook: Needs;
  /** For tools: every input that was handled, with its moment and what came of it. */
  input: { input: Input; ctx: Context; step: Step };
}

/** The cards of the current person (engine.md 9.1), in the shape that a UI library subscribes to. */
export interface InboxView {
  /** The same object until something changed. */
  get(): Inbox;
  /** Hears of every change; the answer stops it. */
  subscribe(listener: () => void): () => void;
  /** What the person did with a card: the button that was used, and for how long it is put off. */
  act(card: string, action: CardAction, options?: { target?: string; lasts?: Span }): TrackVerdict;
}

/** What an erasure leaves: the ids by which a warehouse deletes the same people. */
export interface Receipt {
  profiles: string[];
}

export type Properties = Record<string, unknown>;

/** A tracking plan as types: `hearken types` writes one. */
export interface PlanOf {
  events: object;
  attributes: object;
}

/** Where no plan is named, every name is taken; the engine checks against the playbook's. */
export interface OpenPlan {
  events: Record<string, Properties>;
  attributes: Record<string, unknown>;
}

export type EventName<P extends PlanOf> = keyof P["events"] & string;

/** The properties may be left out where none is required. */
export type EventProperties<P extends PlanOf, K extends EventName<P>> = {} extends P["events"][K] ? [properties?: P["events"][K]] : [properties: P["events"][K]];

/** `null` removes an attribute; what is counted up or put into a list is no whole value. */
export type AttributeValue<P extends PlanOf, K extends keyof P["attributes"], O extends AttributeOp> = O extends "set" ? P["attributes"][K] | null : unknown;

/** A client of any plan. */
export type AnyClient = HearkenClient<any>;
export type { Json };
