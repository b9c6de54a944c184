// A store that ends with the page: for tests, for `store: "memory"`, and for the time after a browser took the
// durable one away (engine.md 1.9).

import { checkHead, newHead, nextHead, PRUNED, prunedHead, startingPoint, type Base, type Head, type Page, type Store, type StoredRow, type Visit } from "./store.js";

export class MemoryStore implements Store {
  readonly durable = false;
  #head: Head = newHead();
  #cursor = 0;
  #rows: StoredRow[] = [];
  #checkpoint: string | undefined;
  #base: string | undefined;
  #blobs = new Map<string, string>();

  /** What goes on from a journal that can no longer be written: its state, none of its rows, a name of its own. */
  static after(seq: number, checkpoint: string, blobs: { hash: string; content: string }[]): MemoryStore {
    const store = new MemoryStore();
    store.#head = { ...store.#head, seq, checkpoint: seq, base: seq };
    store.#checkpoint = store.#base = checkpoint;
    store.#cursor = seq;
    for (const blob of blobs) store.#blobs.set(blob.hash, blob.content);
    return store;
  }

  async visit(visit: Visit): Promise<void> {
    const head = checkHead(this.#head);
    const { restart, from } = startingPoint(head, visit);
    const rows = this.#rows.filter((row) => row.last > from);
    const hash = visit.fold({ journal: head.journal, restart, head: head.seq, rows, ...(restart && this.#checkpoint && { checkpoint: this.#checkpoint }) });
    if (hash !== undefined) visit.supply(hash, this.#blobs.get(hash));
    const writes = visit.handle?.(head, this.#rows);
    if (!writes) return;
    // Nothing below can fail: all of it is kept, or none.
    if (writes.erased !== undefined) {
      await this.setAside();
      this.#blobs.clear();
    }
    this.#rows.push(...writes.rows);
    for (const blob of writes.blobs) this.#blobs.set(blob.hash, blob.content);
    if (writes.checkpoint) this.#checkpoint = writes.checkpoint.json;
    this.#cursor = writes.cursor ?? this.#cursor;
    this.#head = nextHead(head, writes);
  }

  async page(after: number, most: number): Promise<Page> {
    const from = Math.max(after, this.#cursor);
    return { journal: this.#head.journal, cursor: this.#cursor, bytes: this.#head.bytes ?? 0, rows: this.#rows.filter((row) => row.last > from).slice(0, most) };
  }

  async acknowledge(journal: string, seq: number): Promise<void> {
    if (journal === this.#head.journal) this.#cursor = Math.max(this.#cursor, Math.min(seq, this.#head.seq));
  }

  async prune(base: Base, through = 0): Promise<number> {
    const gone = this.#rows.filter((row) => row.last <= Math.max(this.#cursor, through)).slice(0, PRUNED);
    const last = gone.at(-1)?.last;
    if (last === undefined) return 0;
    const checkpoint = base(this.#base, gone);
    this.#rows = this.#rows.slice(gone.length);
    this.#base = checkpoint;
    if (this.#head.checkpoint < last) this.#checkpoint = checkpoint;
    this.#head = prunedHead(this.#head, gone, last);
    return gone.length;
  }

  async setAside(): Promise<void> {
    this.#head = newHead();
    this.#rows = [];
    this.#checkpoint = this.#base = undefined;
    this.#cursor = 0;
  }

  abandon(): void {}

  close(): void {}
}
