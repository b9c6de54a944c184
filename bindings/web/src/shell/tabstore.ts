// What a tab keeps for its next document: sessionStorage, where a browser gives it (engine.md 6.2, 11.3).

import type { Spill } from "./queue.js";

export class TabStore {
  readonly #prefix: string;

  constructor(name: string) {
    this.#prefix = `hearken:${name}:`;
  }

  get owner(): string | undefined {
    return this.#get("owner");
  }

  set owner(id: string) {
    this.#set("owner", id);
  }

  /** The owner that let go on purpose: the next document waits for its lock instead of taking itself for a copy. */
  get left(): string | undefined {
    return this.#get("left");
  }

  set left(id: string | undefined) {
    this.#set("left", id);
  }

  /** What this tab could not store: the next `Open` of a durable journal says so (engine.md 1.9). */
  get owed(): string | undefined {
    return this.#get("owed");
  }

  set owed(reason: string | undefined) {
    this.#set("owed", reason);
  }

  spill(spill: Spill): void {
    this.#set("spill", spill.items.length ? JSON.stringify(spill) : undefined);
  }

  /** Takes the spill; nobody else gets it. */
  takeSpill(): Spill | undefined {
    const text = this.#get("spill");
    this.#set("spill", undefined);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Spill);
    } catch {
      return undefined;
    }
  }

  #get(key: string): string | undefined {
    try {
      return sessionStorage.getItem(this.#prefix + key) ?? undefined;
    } catch {
      return undefined;
    }
  }

  #set(key: string, value: string | undefined): void {
    try {
      if (value === undefined) sessionStorage.removeItem(this.#prefix + key);
      else sessionStorage.setItem(this.#prefix + key, value);
    } catch {
      // Denied or full: the tab is a new owner at the next document, and nothing else is lost.
    }
  }
}
