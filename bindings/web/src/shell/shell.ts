// The pump of one tab (engine.md 1.9, 11.3): a bounded queue in front of a journal, one transaction at a time, and what
// happens when the browser refuses one.

import type { Context, Input, Needs, Step } from "../engine/api.js";
import { Trap, type Engine } from "../engine/engine.js";
import { HearkenError, messageOf } from "../error.js";
import { MemoryStore } from "../store/memory.js";
import { randomHex, type Store } from "../store/store.js";
import { Channel } from "./channel.js";
import { moment } from "./clock.js";
import { Journal, type Batch } from "./journal.js";
import { lockName, type Owner } from "./owner.js";
import { kindOf, type Item, type Queue, type Spilled } from "./queue.js";
import { tidy, type Kept } from "./retention.js";
import type { TabStore } from "./tabstore.js";
import { Wakeup } from "./wakeup.js";
import { Watch } from "./watch.js";

/** How many inputs one transaction takes: short enough for no long task (DESIGN: budgets). */
const BATCH = 50;
/** How often a batch is tried again, and how long after which failure (engine.md 1.9). */
const BACK_OFF = [50, 200, 800];

/** After how many inputs the journal is tidied again. */
const TIDY_EVERY = 500;

/** What the shell tells the client, always after the store confirmed it. */
export interface ShellEvents {
  step(input: Input, step: Step, ctx: Context): void;
  /** These are all the presentations that are still this tab's. */
  own(ids: string[]): void;
  /** The inbox may be another one: as JSON. */
  inbox(text: string): void;
  /** What the playbook asks of the page may be something else. */
  needs(needs: Needs | undefined): void;
  report(code: string, message: string, error?: HearkenError): void;
  /** The browser took the store away, or the engine failed for good. */
  degraded(to: "memory" | "none", error: HearkenError): void;
}

export interface ShellOptions {
  name: string;
  journal: Journal;
  store: Store;
  owner: Owner;
  tab: TabStore;
  events: ShellEvents;
  locale(): string;
  canDisplay(): boolean;
  /** The first inputs of a document, and of a journal that had to start again. */
  first(resumes: boolean, lost: string | undefined): Input[];
  ownerGrace: number;
  kept: Kept;
  /** How long after the opening the journal is tidied: not while the page has better things to do. */
  tidyAfter: number;
}

export class Shell {
  readonly #options: ShellOptions;
  readonly #queue: Queue;
  readonly #channel: Channel;
  readonly #watch: Watch;
  readonly #wakeup: Wakeup;
  #store: Store;
  /** The opening of this document, until it is stored. */
  #opening: { own: Item[]; spill: Spilled[] } | undefined;
  #lane: Promise<void> | undefined;
  #look = false;
  /** The page is gone or cached: nothing is started. */
  #stopped = false;
  /** The page is frozen, or about to leave: no locks are asked for. */
  #resting = false;
  #dead = false;
  #left: { token: string; some: boolean } | undefined;
  #lost: HearkenError | undefined;
  /** Whether a trigger waits. */
  #waiting = false;
  #failures = 0;
  #trapped = false;
  /** How many inputs were handled since the journal was tidied. */
  #untidied = 0;
  #tidying: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ShellOptions, queue: Queue) {
    this.#options = options;
    this.#queue = queue;
    this.#store = options.store;
    this.#channel = new Channel(options.name, () => this.#heard());
    this.#watch = new Watch(options.name, options.ownerGrace, (owner) => this.#resolve(owner));
    this.#wakeup = new Wakeup(() => this.enqueue("tick", false));
  }

  get store(): Store {
    return this.#store;
  }

  /** Handles the document's first inputs, then what waits. Resolves when the first are stored, or given up. */
  async start(resumes: boolean, spill: Spilled[]): Promise<void> {
    this.#open(spill, resumes, this.#store.durable ? this.#options.tab.owed : undefined);
    if (this.#store.durable) this.#channel.open();
    this.#pump();
    await this.#lane;
    this.#tidying = setTimeout(() => void this.#tidy(), this.#options.tidyAfter);
  }

  /** `false` if the queue is full: nothing has happened then. */
  enqueue(input: Input, spills: boolean, done?: (step: Step | undefined) => void): boolean {
    if (this.#dead || (this.#stopped && !spills)) {
      done?.(undefined);
      return !this.#dead;
    }
    if (!this.#queue.push({ input, ctx: this.moment(), spills, ...(done && { done }) })) return false;
    // What a page's own handlers say after ours goes with the rest.
    if (this.#stopped) this.#spill();
    else this.#pump();
    return true;
  }

  /** Resolves when everything before it is stored; `false` if it was given up. */
  mark(): Promise<boolean> {
    if (this.#dead) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (step: Step | undefined) => resolve(step !== undefined);
      this.#queue.push({ ctx: this.moment(), spills: false, done });
      this.#pump();
    });
  }

  moment(): Context {
    return moment(this.#options.locale(), this.#options.canDisplay());
  }

  /** Asks the engine, once everything before is stored. */
  async query<T>(ask: (engine: Engine, ctx: Context) => T): Promise<T> {
    await this.mark();
    if (!this.#options.journal.engine && !this.#dead) {
      // The last transaction failed: folded again, in its turn.
      this.#look = true;
      this.#pump();
      await this.#lane;
    }
    const { engine } = this.#options.journal;
    if (this.#dead || !engine) throw new HearkenError("engine_failed", "the engine does not run");
    try {
      return ask(engine, this.moment());
    } catch (error) {
      // Whoever asked hears of it; what is handled next is not to meet what is left of it.
      if (error instanceof Trap) this.#options.journal.distrust();
      throw error;
    }
  }

  /** The page leaves, for good or into a cache (engine.md 6.2, 11.3). */
  leave(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#store.abandon();
    this.#channel.close();
    this.#wakeup.clear();
    this.#watch.set([]);
    this.#left = { token: randomHex(8), some: false };
    this.#spill();
    this.#options.owner.leave();
  }

  /** A cached page comes back: its lock, its journal and its screen are asked about before anything is handled. */
  async back(): Promise<void> {
    await this.#lane;
    const spill = this.#options.tab.takeSpill();
    if (spill?.token !== this.#left?.token) {
      // Another document of this tab took over what this one had left, and may have left it again.
      if (this.#left?.some) for (const item of this.#queue.handOver()) item.done?.(undefined);
      const own = this.#opening?.own ?? [];
      this.#opening = own.length || spill ? { own, spill: spill?.items ?? [] } : undefined;
    }
    this.#left = undefined;
    await this.reclaim();
  }

  /** Takes the lock again, and with it the screen: after a cache, a freeze, or a navigation that did not happen. */
  async reclaim(): Promise<void> {
    await this.#options.owner.retake();
    if (this.#dead || this.#left) return;
    this.#stopped = this.#resting = false;
    if (this.#store.durable) this.#channel.open();
    this.#look = true;
    this.enqueue("host_state", false);
    this.#pump();
  }

  /** The page may leave: Firefox refuses its cache to whoever holds a lock, or asks for one (engine.md 6.2). */
  letGo(): void {
    this.rest();
    this.#options.owner.release();
  }

  /** Requests and grace timers of a frozen tab would swallow the grant. */
  rest(): void {
    this.#resting = true;
    this.#watch.set([]);
  }

  async close(): Promise<void> {
    await this.mark();
    this.#dead = this.#stopped = true;
    this.#end();
    this.#options.owner.release();
    this.#store.close();
  }

  /** The connection is lost: what waits goes on in memory (engine.md 11.3). */
  lost(error: HearkenError): void {
    if (!this.#dead && this.#store.durable) this.#lost = error;
    this.#pump();
  }

  #open(spill: Spilled[], resumes: boolean, lost: string | undefined): void {
    const { first } = this.#options;
    // The screen comes into sight with HostState: that, and not `Open`, is the first activity (engine.md 2.3).
    const moment = (input: Input): Context => (["host_state", "mount"].includes(kindOf(input)) ? this.moment() : { ...this.moment(), can_display: false });
    const own = first(resumes, lost).map((input): Item => ({ input, ctx: moment(input), spills: false }));
    this.#opening = { own, spill };
  }

  #pump(): void {
    if (this.#lane || this.#stopped) return;
    this.#lane = this.#run().finally(() => {
      this.#lane = undefined;
      // What came while the lane was closing.
      if (this.#hasWork()) this.#pump();
    });
  }

  #hasWork(): boolean {
    return !this.#stopped && (this.#opening !== undefined || this.#queue.length > 0 || this.#look || this.#lost !== undefined);
  }

  async #run(): Promise<void> {
    // A turn of the event loop collects what one task tracks into one transaction.
    await Promise.resolve();
    while (this.#hasWork()) {
      this.#options.journal.become(this.#options.owner.id);
      const lost = this.#lost;
      this.#lost = undefined;
      if (lost) await this.#memory(lost);
      // A look goes first: what is no longer this tab's leaves the page before anything is handled (engine.md 6.2).
      else if (this.#look && !this.#opening) await this.#lookAround();
      else await this.#batch();
    }
  }

  async #batch(): Promise<void> {
    const items = this.#queue.peek(BATCH);
    const opening = this.#opening;
    let batch: Batch;
    try {
      batch = await this.#options.journal.handle(this.#store, items, durability(items), opening);
    } catch (error) {
      if (!this.#stopped) await this.#failed(error, items.length);
      return;
    }
    this.#failures = 0;
    this.#queue.drop(items.length);
    if (opening && this.#store.durable) this.#options.tab.owed = undefined;
    this.#opening = undefined;
    this.#look = false;
    this.#took(batch);
    for (const item of items) if (!item.input) item.done?.(MARK);
    // What was delivered does not pile up (engine.md 11.4).
    this.#untidied += batch.steps.length;
    if (this.#untidied < TIDY_EVERY) return;
    this.#untidied = 0;
    void this.#tidy();
  }

  /** What a confirmed visit came to, told in order. */
  #took(batch: Batch): void {
    const { events, journal } = this.#options;
    if (batch.wrote) this.#channel.tell();
    for (const { item, step } of batch.steps) {
      // A repeated input was not handled, so it knows no deadline.
      const repeated = step.verdict === "rejected" && step.rejection.code === "repeated";
      if (!repeated) this.#wakeup.set(step.next_wakeup);
      if (item.input) events.step(item.input, step, item.ctx);
      item.done?.(step);
    }
    if (!journal.engine) return;
    if (batch.foreign || batch.steps.some(({ item }) => item.input && kindOf(item.input) === "install_playbook")) events.needs(journal.engine.needs());
    const inbox = batch.foreign || batch.steps.some(({ item, step }) => step.inbox_changed || item.input === "tick");
    if (inbox) events.inbox(journal.engine.inboxText(this.moment()));
    // Another tab, or a fold that started again, may have ended what stands here (engine.md 6.2).
    const { own, foreign, waiting } = journal.engine.standing;
    this.#waiting = waiting;
    events.own(own);
    if (!this.#stopped && !this.#resting) this.#watch.set(foreign);
  }

  async #lookAround(): Promise<void> {
    this.#look = false;
    const { journal } = this.#options;
    try {
      const batch = await journal.look(this.#store);
      this.#took(batch);
      // What other tabs did matters to a waiter, or to what this one shows (engine.md 11.3).
      if (batch.withdrawn.length || this.#waiting) this.enqueue("host_state", false);
    } catch (error) {
      // The next instance has yet to see it.
      this.#look ||= error instanceof Trap;
      if (!this.#stopped) await this.#failed(error, 0);
    }
  }

  #heard(): void {
    // A hidden tab looks when it is seen again: visibilitychange sends HostState (engine.md 11.3).
    if (this.#stopped || document.visibilityState === "hidden") return;
    this.#look = true;
    this.#pump();
  }

  /** Runs under the gone owner's lock (engine.md 6.2). */
  #resolve(owner: string): Promise<void> {
    return new Promise((resolve) => {
      const taken = this.enqueue({ owners_gone: { owners: [owner] } }, false, () => resolve());
      if (!taken) resolve();
    });
  }

  #spill(): void {
    if (!this.#left) return;
    const items = [...(this.#opening?.spill ?? []), ...this.#queue.spilled(this.#options.owner.id)];
    this.#left.some = items.length > 0;
    this.#options.tab.spill({ token: this.#left.token, items });
  }

  async #failed(error: unknown, count: number): Promise<void> {
    const { events, journal } = this.#options;
    if (error instanceof Trap) {
      if (this.#trapped) return this.#die(new HearkenError("engine_failed", `the engine failed twice: ${error.message}`, { cause: error }));
      this.#trapped = true;
      return events.report("engine_restarted", `the engine failed and was started again: ${error.message}`);
    }
    if (error instanceof HearkenError && error.code === "damaged") {
      try {
        await this.#store.setAside(error.message);
      } catch (cause) {
        return this.#memory(new HearkenError("store_unavailable", `${error.message}; it could not be kept aside: ${messageOf(cause)}`, { cause }));
      }
      events.report("damaged", `${error.message}; what was there is kept aside, and the journal starts again`, error);
      journal.discard();
      return this.#open(this.#opening?.spill ?? [], false, "damaged");
    }
    if (error instanceof HearkenError) return this.#memory(error);
    const retry = BACK_OFF[this.#failures++];
    if (retry !== undefined) {
      // Quota is the usual cause: what was exported can go (engine.md 1.9).
      await journal.prune(this.#store).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, retry));
      return;
    }
    this.#failures = 0;
    const dropped = this.#queue.peek(count);
    this.#queue.drop(count);
    const lost = dropped.filter((item) => item.input).length;
    if (lost) events.report("journal_gap", `the browser refused a transaction four times (${messageOf(error)}): ${lost} inputs are lost`);
    await this.#memory(new HearkenError("store_unavailable", `the browser refuses to store: ${messageOf(error)}`, { cause: error }));
    // Whoever waits is told last, and finds the client as it is from here on.
    for (const item of dropped) item.done?.(undefined);
  }

  /** Goes on from the last state that is known, without a durable store (engine.md 1.9). */
  async #memory(error: HearkenError): Promise<void> {
    const { journal, events, tab } = this.#options;
    let store = new MemoryStore();
    if (error.code !== "newer_format") {
      try {
        if (!journal.engine) await journal.look(this.#store);
        if (journal.engine) store = MemoryStore.after(journal.engine.seq, journal.engine.checkpoint(), []);
      } catch {
        // Nothing can be read either: an empty journal.
      }
    }
    this.#store.close();
    this.#store = store;
    this.#channel.close();
    journal.discard();
    this.#failures = 0;
    events.degraded("memory", error);
    tab.owed = error.code;
    this.#open(this.#opening?.spill ?? [], false, error.code);
  }

  #die(error: HearkenError): void {
    this.#dead = this.#stopped = true;
    this.#end();
    this.#options.events.degraded("none", error);
  }

  /** Removes what is not kept; one tab at a time. What goes wrong goes wrong again where it matters. */
  async #tidy(): Promise<void> {
    const { name, journal, kept, events } = this.#options;
    const say = (lost: { from: number; to: number }) =>
      new Promise<Step | undefined>((resolve) => {
        const done = (step: Step | undefined) => {
          if (step?.verdict === "accepted") events.report("journal_gap", `given up for room, and exported to nobody: records ${lost.from} to ${lost.to}`);
          resolve(step);
        };
        if (!this.enqueue({ gap: { reason: "retention", ...lost } }, false, done)) resolve(undefined);
      });
    const run = () => (this.#stopped ? undefined : tidy(this.#store, journal, kept, say));
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    await (locks ? locks.request(`${lockName(name, "")}tidy`, { ifAvailable: true }, (lock) => (lock ? run() : undefined)) : run())?.catch(() => {});
  }

  #end(): void {
    clearTimeout(this.#tidying);
    this.#channel.close();
    this.#wakeup.clear();
    this.#watch.set([]);
    this.#opening = undefined;
    for (const item of this.#queue.clear()) item.done?.(undefined);
  }
}

/** What a mark is told when everything before it is stored. */
const MARK = {} as Step;

/** What a person saw or did is to survive a power cut as well; what an app tracks, the end of the process. */
const STRICT = ["displaying", "visible", "ended", "interaction", "card", "consent", "switch", "erase"];

function durability(items: Item[]): "relaxed" | "strict" {
  return items.some(({ input }) => input && STRICT.includes(kindOf(input))) ? "strict" : "relaxed";
}
