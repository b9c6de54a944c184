// Proving that another tab is gone (engine.md 6.2): its lock, asked for outside any transaction, let go at once, and
// asked for again after a grace in which a reload wins.

import { lockName } from "./owner.js";

export class Watch {
  readonly #name: string;
  readonly #grace: number;
  /** Resolves what a gone owner left, while its lock is held. */
  readonly #gone: (owner: string) => Promise<void>;
  readonly #running = new Map<string, AbortController>();

  constructor(name: string, grace: number, gone: (owner: string) => Promise<void>) {
    this.#name = name;
    this.#grace = grace;
    this.#gone = gone;
  }

  /** Watches exactly these owners. */
  set(owners: string[]): void {
    for (const [owner, stop] of this.#running) {
      if (!owners.includes(owner)) {
        stop.abort();
        this.#running.delete(owner);
      }
    }
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    if (!locks) return; // Nothing can be proven; a store without locks is not shared either.
    for (const owner of owners) {
      if (this.#running.has(owner)) continue;
      const stop = new AbortController();
      this.#running.set(owner, stop);
      this.#run(locks, owner, stop.signal)
        .catch(() => {})
        .finally(() => this.#running.get(owner) === stop && this.#running.delete(owner));
    }
  }

  async #run(locks: LockManager, owner: string, signal: AbortSignal): Promise<void> {
    const name = lockName(this.#name, owner);
    for (;;) {
      await locks.request(name, { signal }, () => {});
      await pause(this.#grace, signal);
      const resolved = await locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock && !signal.aborted) await this.#gone(owner);
        return lock !== null;
      });
      if (resolved) return;
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
