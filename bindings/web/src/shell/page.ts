// The page's life (engine.md 6.2, 11.3): when it hides, leaves, is cached, is frozen, and comes back.

import { randomHex } from "../store/store.js";
import type { Queue, Spill } from "./queue.js";
import type { TabStore } from "./tabstore.js";

/** How long after `beforeunload` a page that is still alive takes its lock back: `mailto:` leaves it alive. */
const STAYED = 1_000;

export interface PageLife {
  /** Seen or hidden now. */
  visibility(): void;
  /** The page's address is another one. */
  moved(): void;
  /** It may leave: locks are let go, since Firefox refuses its cache to whoever holds one until `pagehide`. */
  leaving(): void;
  /** It did not leave after all. */
  stayed(): void;
  left(): void;
  back(): void;
  frozen(): void;
  thawed(): void;
}

/** Listens; the answer stops it. */
export function follow(life: PageLife): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const doc = (type: string, run: () => void) => document.addEventListener(type, run, { signal });
  doc("visibilitychange", life.visibility);
  let address = location.href;
  const moved = () => {
    if (location.href === address) return;
    address = location.href;
    life.moved();
  };
  const { navigation } = globalThis as { navigation?: EventTarget };
  navigation?.addEventListener("currententrychange", moved, { signal });
  if (!navigation) {
    for (const type of ["popstate", "hashchange"]) addEventListener(type, moved, { signal });
    // Nothing tells of pushState there: it follows a person's click, mostly at once.
    addEventListener("click", () => setTimeout(moved, 50), { signal, passive: true });
  }
  doc("freeze", life.frozen);
  doc("resume", life.thawed);
  addEventListener(
    "beforeunload",
    () => {
      life.leaving();
      clearTimeout(timer);
      timer = setTimeout(life.stayed, STAYED);
    },
    { signal },
  );
  addEventListener(
    "pagehide",
    () => {
      clearTimeout(timer);
      life.left();
    },
    { signal },
  );
  addEventListener("pageshow", (event) => event.persisted && life.back(), { signal });
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}

/** What a page that leaves before its client is open does with its queue: the next document of the tab gets it. */
export class EarlyLeave {
  readonly #tab: TabStore;
  readonly #queue: Queue;
  #token: string | undefined;
  #former: Spill | undefined;
  #returned: Promise<void> = Promise.resolve();
  #return = () => {};

  constructor(tab: TabStore, queue: Queue) {
    this.#tab = tab;
    this.#queue = queue;
  }

  get gone(): boolean {
    return this.#token !== undefined;
  }

  /** Resolves while the page is there. */
  present(): Promise<void> {
    return this.#returned;
  }

  leave(): void {
    this.#token = randomHex(8);
    this.#former = this.#tab.takeSpill();
    this.#returned = new Promise((resolve) => (this.#return = resolve));
    this.say();
  }

  /** Something was queued after the page left. */
  say(): void {
    if (this.#token === undefined) return;
    this.#tab.spill({ token: this.#token, items: [...(this.#former?.items ?? []), ...this.#queue.spilled("")] });
  }

  back(): void {
    if (this.#token === undefined) return;
    const spill = this.#tab.takeSpill();
    const mine = spill?.token === this.#token || (!spill && this.#queue.spilled("").length === 0);
    if (!mine) for (const item of this.#queue.handOver()) item.done?.(undefined);
    // Back where this document's opening will look for it.
    const rest = mine ? this.#former : spill;
    if (rest) this.#tab.spill(rest);
    this.#token = this.#former = undefined;
    this.#return();
  }
}
