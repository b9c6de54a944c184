/** `@hearken/web/testing`: the engine under a clock that stands still, for tests of an app that embeds it. */
import type { AttributeOp, Context, Decision, Diagnostic, Explanation, Glue, Inbox, Input, Offer, Outcome, Purpose, Reason, Step, Verdict } from "../engine/api.js";
import { Engine } from "../engine/engine.js";
import { HearkenError } from "../error.js";
import { granted, PURPOSES } from "../options.js";
import { loadPlaybook } from "../playbook.js";
import { toJson } from "../properties.js";
import type { Consent, PlaybookSource, Properties } from "../types.js";
import { loadGlue } from "./load.js";
import { sha256Hex } from "./sha256.js";
import { span } from "../span.js";
import { instant } from "./time.js";

export { openEngine } from "./load.js";
export { presentation, type Said } from "./presentation.js";
export type { Engine } from "../engine/engine.js";
export type { Context, Decision, Diagnostic, Explanation, Input, Offer, Outcome, Purpose, Reason, Step, Verdict };

/** What makes an impression (engine.md 6.2). */
const IMPRESSION = 1_000;

export interface TestOptions {
  /** The first instant; later ones come from `advance`. */
  now?: string | number;
  consent: "all" | Partial<Consent>;
  /** Ids follow from it. */
  seed?: number | string;
  locale?: string;
  channels?: string[];
}

/** A message that was put on the screen. */
export interface Shown {
  id: string;
  campaign: string;
  at: number;
  /** Whether it stood for a second, or the person used it. */
  seen: boolean;
  /** Whether it still stands. */
  open: boolean;
  message: Offer["message"];
}

/** Why a campaign is, or is not, shown; `stop` is the reason's code, and nothing where no stage fails. */
export type Why = Explanation & { stop: string | undefined };

/** One record of the journal, parsed. */
export interface RecordLine {
  id: string;
  seq: number;
  ts: number;
  type: string;
  data: Record<string, unknown>;
  [field: string]: unknown;
}

export class TestClient {
  /** The rows that a store would hold, oldest first. */
  readonly rows: string[] = [];
  /** Every decision so far, with its instant. */
  readonly decisions: ({ at: number } & Decision)[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #glue: Glue;
  readonly #seed: number | string;
  readonly #options: TestOptions;
  readonly #document: string;
  readonly #shown = new Map<string, Shown>();
  readonly #impressions = new Map<string, number>();
  #engine: Engine;
  #now: number;
  #offset: number;
  #visible = true;
  #handled = 0;
  #wakeup: number | undefined;

  /** @internal Use `testClient`. */
  constructor(glue: Glue, document: string, options: TestOptions) {
    const { now, offset_min } = instant(options.now ?? "2026-01-01T09:00:00Z");
    this.#glue = glue;
    this.#seed = options.seed ?? 1;
    this.#options = options;
    this.#document = document;
    this.#now = now;
    this.#offset = offset_min;
    this.#engine = this.#fresh();
    this.#open({ consent: options.consent === "all" ? PURPOSES : granted(options.consent) });
  }

  /** The clock, in milliseconds since the Unix epoch. */
  get now(): number {
    return this.#now;
  }

  track(name: string, properties: Properties = {}): Verdict {
    const converted = toJson(properties, name);
    if ("rejection" in converted) return { verdict: "rejected", rejection: converted.rejection };
    return this.#verdict({ track: { name, properties: converted.json as never } });
  }

  attribute(name: string, value: unknown, op: AttributeOp = "set"): Verdict {
    const converted = toJson(value, name);
    if ("rejection" in converted) return { verdict: "rejected", rejection: converted.rejection };
    return this.#verdict({ attribute: { op, name, value: converted.json } });
  }

  setConsent(consent: Consent): Verdict {
    return this.#verdict({ consent: { purposes: granted(consent) } });
  }

  /** Any other input of the engine, such as `{ identify: { user: "u-1" } }`, and what a page does with the answer. */
  say(input: Input): Verdict {
    return this.#verdict(input);
  }

  /** The cards of the current person. */
  inbox(): Inbox {
    return this.#engine.inbox(this.#context("11".repeat(16)));
  }

  /** The page is hidden, or seen again. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#run("host_state");
  }

  /** Lets time pass; everything that becomes due meanwhile happens at its own instant. */
  advance(by: string | number): void {
    const end = this.#now + span(by);
    for (;;) {
      const impression = [...this.#impressions].sort((a, b) => a[1] - b[1])[0];
      const tick = this.#wakeup ?? Infinity;
      const next = Math.min(tick, impression?.[1] ?? Infinity);
      if (next > end) break;
      this.#now = Math.max(this.#now, next);
      if (impression && impression[1] <= tick) {
        this.#impressions.delete(impression[0]);
        this.#see(impression[0]);
      } else {
        this.#wakeup = undefined;
        this.#run("tick");
      }
    }
    this.#now = end;
  }

  /** Every message that was put on the screen, in order. */
  shown(): Shown[] {
    return [...this.#shown.values()];
  }

  /** The person uses a button of the message that a campaign has on the screen. */
  click(campaign: string, target: string): Verdict {
    const shown = this.#standing(campaign);
    shown.seen = true;
    return this.#verdict({ interaction: { presentation_id: shown.id, kind: "click", target } });
  }

  /** The person closes it. */
  dismiss(campaign: string): Verdict {
    const shown = this.#standing(campaign);
    shown.seen = true;
    return this.#verdict({ interaction: { presentation_id: shown.id, kind: "dismiss" } });
  }

  /** Why a campaign is, or is not, shown now. */
  why(campaign: string): Why {
    const explanation = this.#engine.explain(campaign, this.#context("11".repeat(16)));
    return { ...explanation, stop: "reason" in explanation ? explanation.reason.code : undefined };
  }

  /** The lines that an export delivers, parsed. */
  records({ pii = false }: { pii?: boolean } = {}): RecordLine[] {
    const lines = this.rows.flatMap((row) => this.#glue.exportRow(row, 0, pii).split("\n").filter(Boolean));
    return lines.map((line) => JSON.parse(line.slice(line.indexOf(" ") + 1)) as RecordLine);
  }

  /** The page is loaded again: a new engine folds what was stored. */
  reload(): void {
    this.#engine.free();
    this.#engine = this.#fresh();
    this.#impressions.clear();
    for (const row of this.rows) this.#engine.fold(row);
    this.#open({ resumes: "test" });
  }

  /** One input at one moment, as it is: nothing is drawn, seen or ticked for you. */
  handle(input: Input, ctx: Partial<Context> = {}): { step: Step; row: string | undefined } {
    const step = this.#engine.handle(input, { ...this.#context(this.#entropy()), ...ctx });
    const row = this.#engine.takeRow();
    this.#engine.takeBlob();
    if (row !== undefined) this.rows.push(row);
    return { step, row };
  }

  /** As a page opens: its screen comes into sight last, which is the first activity (engine.md 2.3). */
  #open(open: { consent?: Purpose[]; resumes?: string }): void {
    const visible = this.#visible;
    this.#visible = false;
    this.#run({ open });
    const installed = this.#run({ install_playbook: { document: this.#document } });
    if (installed.verdict === "rejected") throw new HearkenError("invalid_playbook", String(installed.rejection["message"]));
    this.#visible = visible;
    this.#run("host_state");
  }

  #fresh(): Engine {
    return new Engine(this.#glue, "test", this.#options.channels?.join(","));
  }

  #context(entropy: string): Context {
    return { now: this.#now, offset_min: this.#offset, entropy, locale: this.#options.locale ?? "en", can_display: this.#visible };
  }

  #entropy(): string {
    return sha256Hex(`${this.#seed}:${this.#handled++}`).slice(0, 32);
  }

  #verdict(input: Input): Verdict {
    const step = this.#run(input);
    return step.verdict === "rejected" ? { verdict: step.verdict, rejection: step.rejection } : { verdict: step.verdict };
  }

  /** Handles an input and does what a page does with the answer. */
  #run(input: Input): Step {
    const { step } = this.handle(input);
    this.#wakeup = step.next_wakeup;
    this.diagnostics.push(...step.diagnostics);
    this.decisions.push(...step.decisions.map((decision) => ({ at: this.#now, ...decision })));
    for (const { presentation_id } of step.withdrawn) {
      this.#impressions.delete(presentation_id);
      const shown = this.#shown.get(presentation_id);
      if (shown) shown.open = false;
    }
    for (const offer of step.offered) this.#draw(offer);
    return step;
  }

  #draw(offer: Offer): void {
    const id = offer.presentation_id;
    if (this.#run({ displaying: { presentation_id: id } }).verdict !== "accepted") return;
    const before = this.#shown.get(id);
    this.#shown.set(id, { id, campaign: offer.campaign, at: before?.at ?? this.#now, seen: before?.seen ?? false, open: true, message: offer.message });
    this.#impressions.set(id, this.#now + IMPRESSION);
  }

  #see(id: string): void {
    const shown = this.#shown.get(id);
    if (!shown || !this.#visible) return;
    if (this.#run({ visible: { presentation_id: id } }).verdict === "accepted") shown.seen = true;
  }

  #standing(campaign: string): Shown {
    const shown = this.shown().findLast((one) => one.campaign === campaign && one.open);
    if (!shown) throw new Error(`${campaign} has nothing on the screen: ${JSON.stringify(this.why(campaign))}`);
    return shown;
  }
}

/** Opens a client for a test. A playbook that cannot be used throws. */
export async function testClient(playbook: PlaybookSource, options: TestOptions): Promise<TestClient> {
  return new TestClient(await loadGlue(), await loadPlaybook(playbook), options);
}
