// The engine over a store: one visit folds what other tabs wrote, handles a batch, and hands over what to add, all
// inside one transaction (engine.md 11.3). Nothing of a batch is released before the store confirmed it.

import { Engine, Trap } from "../engine/engine.js";
import { instantiate } from "../engine/module.js";
import type { Glue, Input, Rejection, Step, Withdrawn } from "../engine/api.js";
import { HearkenError, messageOf } from "../error.js";
import { granted } from "../options.js";
import { PRUNED, randomHex, type Base, type Head, type Store, type StoredRow, type Tail, type Visit, type Writes } from "../store/store.js";
import { settle } from "./clock.js";
import type { Item, Spilled } from "./queue.js";

/** How many records a start folds one by one, at most (engine.md 1.4: 1,000): each costs it a tenth of a millisecond. */
const CHECKPOINT_EVERY = 200;

/** What a batch came to. */
export interface Batch {
  /** One step for each item that was an input, in order. */
  steps: { item: Item; step: Step }[];
  /** What other tabs' steps took from this tab's screen. */
  withdrawn: Withdrawn[];
  /** Whether the fold started again, from nothing or from a checkpoint. */
  restarted: boolean;
  /** Whether anything was folded that this tab did not write. */
  foreign: boolean;
  wrote: boolean;
}

function emptyBatch(): Batch {
  return { steps: [], withdrawn: [], restarted: false, foreign: false, wrote: false };
}

/** What an opening document hands over: its own first inputs, and what the former one left. */
export interface Opening {
  own: Item[];
  spill: Spilled[];
}

export class Journal {
  readonly #module: WebAssembly.Module;
  #owner: string;
  #glue: Glue;
  #engine: Engine | undefined;
  #id: string | undefined;
  /** The number of the last input of this owner. */
  #n = 0;
  /** Whether the instance is to be replaced before the next visit: never during one. */
  #stale = false;
  /** Whether the running visit has changed the engine. */
  #touched = false;
  /** Whether the engine has yet to hear what it never stores: the host's values, what is mounted, a pause. */
  #fresh = false;
  readonly #host: () => Item[];
  /** Items that are the host's own values, told again. */
  readonly #told = new WeakSet<Item>();
  readonly #channels: string | undefined;

  constructor(module: WebAssembly.Module, owner: string, host: () => Item[] = () => [], channels?: string) {
    this.#module = module;
    this.#channels = channels;
    this.#owner = owner;
    this.#host = host;
    this.#glue = instantiate(module);
  }

  /** The engine as far as it has folded; nothing between a failure and the next visit. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  /** Another owner from here on. */
  become(owner: string): void {
    if (owner === this.#owner) return;
    this.#owner = owner;
    this.#n = 0;
    this.discard();
  }

  /** Live state that the store did not confirm is no state: the next visit folds again (engine.md 1.9). */
  discard(): void {
    this.#engine?.free();
    this.#engine = undefined;
    this.#id = undefined;
  }

  /** After a trap: another instance, with a memory of its own (engine.md 1.7). */
  replaceInstance(): void {
    this.#engine = undefined;
    this.#id = undefined;
    this.#stale = false;
    this.#glue = instantiate(this.#module);
  }

  /** After a trap between two visits: the next one folds again, in another instance. */
  distrust(): void {
    this.#stale = true;
  }

  /** Folds what other tabs wrote. */
  async look(store: Store): Promise<Batch> {
    const batch = this.#begun();
    await this.#visit(store, this.#reader(batch), "relaxed");
    return batch;
  }

  /** Handles the items in one transaction. An opening goes first, with what the former document left. */
  async handle(store: Store, items: Item[], durability: "relaxed" | "strict", opening?: Opening): Promise<Batch> {
    const batch = this.#begun();
    let arranged: Item[] | undefined;
    // Only a fold knows what goes first.
    const arrange = () => (arranged ??= [...(opening ? this.#arrange(opening) : this.#fresh ? this.#again() : []), ...items]);
    const all = () => arrange().some(({ input }) => this.#needs(input).length > 0);
    const handle = (head: Head, rows: StoredRow[]): Writes => {
      batch.steps.length = 0;
      const writes: Writes = { rows: [], blobs: [] };
      let checkpoint = head.checkpoint;
      for (const item of arrange()) {
        if (!item.input) continue;
        const input = this.#chosen(item.input);
        const step = this.#step(item, this.#seeded(input, rows, writes), writes);
        batch.steps.push({ item: input === item.input ? item : { ...item, input }, step });
        const seq = this.#folded.seq;
        if (step.erased) checkpoint = 0;
        if (seq - checkpoint >= CHECKPOINT_EVERY) writes.checkpoint = { seq: (checkpoint = seq), json: this.#folded.checkpoint() };
      }
      batch.wrote = writes.rows.length > 0;
      return writes;
    };
    await this.#visit(store, { ...this.#reader(batch), all, handle }, durability);
    // What is switched off hears nothing: told once more, in front of what comes when it is on.
    this.#fresh = batch.steps.some(({ step }) => step.verdict === "disabled");
    return batch;
  }

  /** The lines that rows export after a place, each with its place. */
  lines(row: StoredRow, after: number, withPii: boolean): { seq: number; line: string }[] {
    const text = this.#glue.exportRow(row.json, after, withPii);
    return text.split("\n").filter(Boolean).map((line) => {
      const space = line.indexOf(" ");
      return { seq: Number(line.slice(0, space)), line: line.slice(space + 1) };
    });
  }

  /** Removes what was exported, and everything up to a place, behind a base checkpoint (engine.md 1.4); a piece at a time. */
  async prune(store: Store, through?: number): Promise<void> {
    const base: Base = (checkpoint, rows) => {
      const scratch = this.#newEngine(this.#owner);
      if (checkpoint !== undefined) scratch.load(checkpoint);
      for (const row of rows) scratch.fold(row.json);
      const next = scratch.checkpoint();
      scratch.free();
      return next;
    };
    while ((await store.prune(base, through)) === PRUNED);
  }

  #newEngine(owner: string): Engine {
    return new Engine(this.#glue, owner, this.#channels);
  }

  get #folded(): Engine {
    if (!this.#engine) {
      this.#engine = this.#newEngine(this.#owner);
      this.#fresh = true;
    }
    return this.#engine;
  }

  #begun(): Batch {
    if (this.#stale) this.replaceInstance();
    return emptyBatch();
  }

  async #visit(store: Store, visit: Visit, durability: "relaxed" | "strict"): Promise<void> {
    this.#touched = false;
    try {
      await store.visit(visit, durability);
    } catch (error) {
      if (error instanceof Trap) this.replaceInstance();
      // A store that could not even begin left the engine as it was.
      else if (this.#touched) this.discard();
      throw error;
    }
  }

  #reader(batch: Batch): Visit {
    const journal = this;
    return {
      get journal() {
        return journal.#id;
      },
      get seq() {
        return journal.#engine?.seq ?? 0;
      },
      fold: (tail) => journal.#fold(tail, batch),
      supply: (hash, content) => journal.#supply(hash, content),
    };
  }

  #fold(tail: Tail, batch: Batch): string | undefined {
    this.#touched = true;
    if (tail.restart) {
      this.discard();
      batch.restarted = true;
      if (tail.checkpoint !== undefined) at("checkpoint", () => this.#folded.load(tail.checkpoint as string));
    }
    this.#id = tail.journal;
    batch.foreign = tail.restart || tail.rows.length > 0;
    batch.withdrawn = [];
    for (const row of tail.rows) batch.withdrawn.push(...at(`row ${row.last}`, () => this.#folded.fold(row.json)));
    const seq = this.#folded.seq;
    if (seq !== tail.head) {
      throw new HearkenError("damaged", `the journal is damaged: it ends at record ${seq}, its head says ${tail.head}`, { place: `record ${seq + 1}` });
    }
    return this.#folded.playbookNeeded();
  }

  #supply(hash: string, content: string | undefined): void {
    // Without its document the tab records and does not decide, until the playbook is installed again (engine.md 10.1).
    if (content === undefined) return;
    try {
      this.#folded.supplyPlaybook(content);
    } catch (error) {
      if (error instanceof Trap) throw error;
      throw new HearkenError("damaged", `the stored playbook ${hash} cannot be used: ${(error as Error).message}`, { place: `blob ${hash}`, cause: error });
    }
  }

  /** The events that an install needs of the journal (engine.md 3.3). */
  #needs(input: Input | undefined): string[] {
    return typeof input === "object" && "install_playbook" in input ? this.#folded.historyNeeded(input.install_playbook.document) : [];
  }

  /** A choice of some purposes, with what is in force of the others. */
  #chosen(input: Input): Input {
    if (typeof input !== "object" || !("consent" in input) || !("only" in input.consent)) return input;
    const { only, ...of } = input.consent;
    const before = Object.fromEntries(this.#folded.person().consent.map((purpose) => [purpose, true]));
    return { consent: { purposes: granted({ ...before, ...only }), ...of } };
  }

  /** An install with what the journal still has of its new counters' events, behind the oldest record of all. */
  #seeded(input: Input, rows: StoredRow[], writes: Writes): Input {
    const events = this.#needs(input);
    if (!events.length) return input;
    const kept = [...(writes.erased === undefined ? rows : []), ...writes.rows];
    const records = kept.flatMap(({ json }) => (JSON.parse(json) as { records: { type: string }[] }).records);
    const history = records.filter(({ type }, place) => place === 0 || events.includes(type));
    return { install_playbook: { ...(input as { install_playbook: { document: string } }).install_playbook, history: history as never } };
  }

  #step(item: Item, input: Input, writes: Writes): Step {
    const engine = this.#folded;
    this.#n = Math.max(this.#n, engine.lastN, item.ctx.n ?? 0);
    if (!this.#told.has(item)) item.ctx.n ??= ++this.#n;
    const late = settle(input, item.ctx, Date.now());
    let step: Step;
    try {
      step = engine.handle(late.input, late.ctx);
    } catch (error) {
      if (error instanceof Trap) throw error;
      // Whatever else there is lies in the input: that is refused alone, and not the batch that it came in.
      return refusedStep({ code: (error as HearkenError).code ?? "not_json", message: messageOf(error) });
    }
    const json = engine.takeRow();
    if (json !== undefined) step.written = json;
    if (step.erased && json !== undefined) {
      // The store begins again with this row, in the same transaction (engine.md 2.5).
      this.#id = randomHex(16);
      Object.assign(writes, { rows: [], blobs: [], checkpoint: undefined, cursor: undefined, erased: this.#id } satisfies Writes);
      step.receipt = { profiles: (JSON.parse(json) as { records: { data: { profiles: string[] } }[] }).records[0]?.data.profiles ?? [] };
    }
    if (typeof input === "object" && "consent" in input && input.consent.purge && step.row) writes.cursor = step.row[0] - 1;
    if (json !== undefined && step.row) writes.rows.push({ last: step.row[1], json });
    const content = engine.takeBlob();
    if (content !== undefined && step.blob) writes.blobs.push({ hash: step.blob, content });
    return step;
  }

  /**
   * What the former document left belongs before this one's `Open`: a message that it closed is not drawn again. In an
   * empty journal nothing of it was stored and nobody agreed to anything yet, so there `Open` goes first.
   */
  #arrange({ own, spill }: Opening): Item[] {
    if (!spill.length) return own;
    const engine = this.#folded;
    const item = ({ input, ctx: { n, ...ctx } }: Spilled, numbered: boolean): Item => {
      return { input, spills: true, ctx: numbered && n !== undefined ? { ...ctx, n } : ctx };
    };
    if (engine.seq === 0) return [...own, ...spill.map((left) => item(left, false))];
    const stored = new Map<string, number>();
    const fresh = spill.filter(({ owner, ctx }) => {
      if (owner === this.#owner || ctx.n === undefined) return true;
      if (!stored.has(owner)) stored.set(owner, this.#lastNOf(owner));
      return ctx.n > (stored.get(owner) ?? 0);
    });
    return [...fresh.map((left) => item(left, left.owner === this.#owner)), ...own];
  }

  /** What the engine has to be told again. It goes before inputs that may have their numbers already, so it gets none. */
  #again(): Item[] {
    const items = this.#host();
    for (const item of items) this.#told.add(item);
    return items;
  }

  /** The last number that is stored of an owner that this tab no longer is. */
  #lastNOf(owner: string): number {
    const scratch = this.#newEngine(owner);
    scratch.load(this.#folded.checkpoint());
    const n = scratch.lastN;
    scratch.free();
    return n;
  }
}

/** A step that refuses the input without having changed anything. */
function refusedStep(rejection: Rejection): Step {
  return {
    verdict: "rejected", rejection, offered: [], withdrawn: [], decisions: [], diagnostics: [],
  };
}

/** Names the place of damage. */
function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError(error.code, `${place}: ${error.message}`, { place, cause: error });
  }
}
