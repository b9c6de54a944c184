// Who this tab is (engine.md 6.2): an id in sessionStorage, a Web Lock that proves it alive, and a flag that tells a
// reload from a copy.

import { randomHex } from "../store/store.js";
import type { TabStore } from "./tabstore.js";

/** How long a document waits for the lock of the one before it. */
const HANDOVER = 3_000;

export function lockName(name: string, owner: string): string {
  return `hearken:${name}:${owner}`;
}

/** How an owner's id came to be this tab's. */
export interface Taken {
  id: string;
  /** The same as the tab's former document, or as before the page was cached: `Open {resumes}` may be sent. */
  same: boolean;
  /** Another living tab has that id: what the former document left belongs to it. */
  copy: boolean;
}

export class Owner {
  readonly #name: string;
  readonly #tab: TabStore;
  #id = "";
  #release: (() => void) | undefined;
  /** The page left while a lock was asked for. */
  #left = false;

  constructor(name: string, tab: TabStore) {
    this.#name = name;
    this.#tab = tab;
  }

  get id(): string {
    return this.#id;
  }

  /** Takes the tab's id, or a new one. Afterwards the lock is held, where the browser has locks. */
  async take(): Promise<Taken> {
    const former = this.#tab.owner;
    const left = former !== undefined && this.#tab.left === former;
    const same = former !== undefined && ((await this.#hold(former, { ifAvailable: true })) || (left && (await this.#wait(former))));
    return this.#settle(same ? former : undefined, former !== undefined && !same && !left);
  }

  /** Asks again after a page came back, even if the lock was never let go: a browser may have freed it silently. */
  async retake(): Promise<void> {
    const former = this.#id;
    const still = this.#release;
    this.#left = false;
    this.#release = undefined;
    if ((await this.#hold(former, { ifAvailable: true })) || (!still && (await this.#wait(former)))) await this.#settle(former, false);
    else if (still) this.#release = still;
    else await this.#settle(undefined, false);
    // It left again meanwhile: nothing is held in a cache.
    if (this.#left) this.release();
  }

  /** Lets go of the lock. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Lets go, and says so to the next document. */
  leave(): void {
    this.#left = true;
    this.#tab.owner = this.#id;
    this.#tab.left = this.#id;
    this.release();
  }

  async #settle(former: string | undefined, copy: boolean): Promise<Taken> {
    const same = former !== undefined;
    const id = former ?? randomHex(16);
    if (!same) await this.#hold(id, {});
    this.#id = id;
    this.#tab.owner = id;
    this.#tab.left = undefined;
    return { id, same, copy };
  }

  async #wait(owner: string): Promise<boolean> {
    return this.#hold(owner, { signal: AbortSignal.timeout(HANDOVER) });
  }

  /** Whether the lock was granted; it is held until `release`. Without locks there is no durable store to share. */
  #hold(owner: string, options: LockOptions): Promise<boolean> {
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    if (!locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const granted = (lock: Lock | null) => {
        if (!lock) return resolve(false);
        return new Promise<void>((release) => {
          this.#release = release;
          resolve(true);
        });
      };
      locks.request(lockName(this.#name, owner), options, granted).catch(() => resolve(false));
    });
  }
}
