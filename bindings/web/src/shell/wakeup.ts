// The engine's next deadline, as one timer (engine.md 1.3).

/** The longest that a browser's timer takes. */
const LONGEST = 2 ** 31 - 1;

export class Wakeup {
  readonly #tick: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tick: () => void) {
    this.#tick = tick;
  }

  set(at: number | undefined): void {
    this.clear();
    if (at === undefined) return;
    const wait = Math.min(Math.max(at - Date.now(), 1), LONGEST);
    this.#timer = setTimeout(this.#tick, wait);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
