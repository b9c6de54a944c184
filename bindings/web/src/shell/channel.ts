// "Something changed": the only thing that tabs say to each other (engine.md 11.3). What changed is in the store.

/** At most one reaction in this time. */
const THROTTLE = 250;

export class Channel {
  readonly #name: string;
  readonly #changed: () => void;
  #channel: BroadcastChannel | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;

  constructor(name: string, changed: () => void) {
    this.#name = `hearken:${name}`;
    this.#changed = changed;
  }

  open(): void {
    if (this.#channel || typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = () => this.#heard();
  }

  tell(): void {
    this.#channel?.postMessage(null);
  }

  /** A message to an open channel would evict a cached page. */
  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #heard(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#last + THROTTLE - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#last = performance.now();
      this.#changed();
    }, wait);
  }
}
