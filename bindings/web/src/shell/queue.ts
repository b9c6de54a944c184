// The bounded queue of one tab (engine.md 1.9), and what of it outlives the page (engine.md 11.3).

import type { Context, Input, Step } from "../engine/api.js";

/** How many inputs may wait, and how many of these places are kept for what must not be refused (engine.md 1.9). */
export const CAPACITY = 10_000;
export const RESERVED = 1_000;

/** An input on its way to the store. */
export interface Item {
  /** Nothing for a mark: it only says that everything before it is stored. */
  input?: Input;
  ctx: Context;
  /** Whether it goes on to the next document if this one leaves first. */
  spills: boolean;
  /** Told once: the step when it is stored, or nothing when it was dropped. */
  done?: (step: Step | undefined) => void;
}

/** An input as it waits in sessionStorage. Its number, if it has one, is among those of `owner`. */
export interface Spilled {
  owner: string;
  input: Input;
  ctx: Context;
}

/** What one document leaves to the next of the same tab. */
export interface Spill {
  /** Whose: a page that comes back finds out whether another document took it. */
  token: string;
  items: Spilled[];
}

/** What an app says in passing is refused first. */
const PASSING = ["track", "attribute", "screen", "cue", "touch", "offer", "import"];

/** The input's name. */
export function kindOf(input: Input): string {
  return typeof input === "string" ? input : (Object.keys(input)[0] as string);
}

export class Queue {
  #items: Item[] = [];

  get length(): number {
    return this.#items.length;
  }

  /** Refused before any state changes: `false`. */
  push(item: Item): boolean {
    const most = item.input && PASSING.includes(kindOf(item.input)) ? CAPACITY - RESERVED : CAPACITY;
    if (item.input && this.#items.length >= most) return false;
    this.#items.push(item);
    return true;
  }

  /** The next inputs, in order; they stay the queue's until `drop`. */
  peek(most: number): Item[] {
    return this.#items.slice(0, most);
  }

  /** The first `count` are dealt with. */
  drop(count: number): void {
    this.#items.splice(0, count);
  }

  /** Takes out every input: another document has them now. Marks stay. */
  handOver(): Item[] {
    const inputs = this.#items.filter((item) => item.input);
    this.#items = this.#items.filter((item) => !item.input);
    return inputs;
  }

  /** Empties the queue; nobody is told. */
  clear(): Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** What goes on to the next document. */
  spilled(owner: string): Spilled[] {
    return this.#items.flatMap(({ input, ctx, spills }) => (spills && input ? [{ owner, input, ctx }] : []));
  }
}
