// The store contract (engine.md 11.1): append a step atomically, read head and tail, checkpoint-and-prune atomically,
// blobs, the export cursor. test/support/store-suite.mjs holds every store to it.

import { HearkenError } from "../error.js";

/** The version of what is stored beside the engine's own rows; a newer one is refused, untouched. */
export const FORMAT = 1;

/** The one small record that each transaction reads first. */
export interface Head {
  v: number;
  /** The journal's identity: with a place in it, the export cursor (engine.md 11.4). */
  journal: string;
  /** The place of the last record. */
  seq: number;
  /** The last record that the head checkpoint holds. */
  checkpoint: number;
  /** The last record that was pruned: the base checkpoint stands there (engine.md 1.4). */
  base: number;
  /** How many characters the rows have; absent in an empty journal. */
  bytes?: number;
}

/** One step as the engine wrote it, by the place of its last record. */
export interface StoredRow {
  last: number;
  json: string;
}

/** What a reader has to fold to reach the head. */
export interface Tail {
  journal: string;
  /** Whether the reader starts from nothing, or from `checkpoint`. */
  restart: boolean;
  /** Where the fold has to end. */
  head: number;
  checkpoint?: string;
  rows: StoredRow[];
}

/** What one transaction adds. */
export interface Writes {
  rows: StoredRow[];
  blobs: { hash: string; content: string }[];
  /** A head checkpoint, after one of `rows`. */
  checkpoint?: { seq: number; json: string };
  /** Nothing up to here is exported any more. */
  cursor?: number;
  /** Everything that was stored goes first; the journal that `rows` begin has this id. */
  erased?: string;
}

/** What runs inside one transaction; every method is synchronous. */
export interface Visit {
  /** The journal that the visitor has folded, and the place of the last record; nothing and 0 before the first time. */
  readonly journal: string | undefined;
  readonly seq: number;
  /** Takes the tail; answers with the hash of the blob that it needs as well. */
  fold(tail: Tail): string | undefined;
  /** Takes the blob, if the store has it. */
  supply(hash: string, content: string | undefined): void;
  /** Whether `handle` wants every row that is there. */
  all?(): boolean;
  /** What to add. A visit without this only reads. */
  handle?(head: Head, rows: StoredRow[]): Writes;
}

/** Stored rows from a place on, for an export. */
export interface Page {
  journal: string;
  /** What was acknowledged last. */
  cursor: number;
  /** How many characters all rows have, these and others. */
  bytes: number;
  rows: StoredRow[];
}

/** Folds rows behind a base checkpoint into the next one. */
export type Base = (checkpoint: string | undefined, rows: StoredRow[]) => string;

/** How many rows one prune takes: folding them is one task of the page. */
export const PRUNED = 250;

export interface Store {
  /** Whether what it keeps survives this page. */
  readonly durable: boolean;
  /** Runs a visit in one transaction: nothing of it is kept if any of it fails. */
  visit(visit: Visit, durability: "relaxed" | "strict"): Promise<void>;
  /** The rows that end after `after`, or after what was acknowledged if that is more; at most `most`. */
  page(after: number, most: number): Promise<Page>;
  /** Moves the export cursor forward; never back, and never in another journal. */
  acknowledge(journal: string, seq: number): Promise<void>;
  /** Removes the oldest rows that were acknowledged, or end at `through` at the latest, with a base checkpoint in their place; says how many rows, `PRUNED` at most. */
  prune(base: Base, through?: number): Promise<number>;
  /** Copies everything aside and starts an empty journal (engine.md 11.2). */
  setAside(why: string): Promise<void>;
  /** Aborts what has not reached its commit: the page is leaving (engine.md 11.3). */
  abandon(): void;
  close(): void;
}

/** Where a visitor has to start, given a head. */
export function startingPoint(head: Head, { journal, seq }: Visit): { restart: boolean; from: number } {
  // Another journal, a head lower than the fold, or a fold that ends where rows are pruned already (engine.md 11.3).
  const restart = journal !== head.journal || head.seq < seq || seq < head.base;
  return { restart, from: restart ? head.checkpoint : seq };
}

/** Refuses a head of a newer format. */
export function checkHead(head: Head): Head {
  if (head.v > FORMAT) {
    throw new HearkenError("newer_format", `the store is of format ${head.v}, newer than ${FORMAT}: update the library; nothing was touched`, { place: "head" });
  }
  return head;
}

/** The head of an empty journal. */
export function newHead(): Head {
  return { v: FORMAT, journal: randomHex(16), seq: 0, checkpoint: 0, base: 0 };
}

/** The head after `writes`. */
export function nextHead(before: Head, writes: Writes): Head {
  const head = writes.erased === undefined ? before : { ...newHead(), journal: writes.erased };
  return { ...head, seq: writes.rows.at(-1)?.last ?? head.seq, checkpoint: writes.checkpoint?.seq ?? head.checkpoint, bytes: (head.bytes ?? 0) + size(writes.rows) };
}

/** The head when the oldest rows are gone, up to the place of the last of them. */
export function prunedHead(head: Head, gone: StoredRow[], last: number): Head {
  return { ...head, base: last, checkpoint: Math.max(head.checkpoint, last), bytes: Math.max(0, (head.bytes ?? 0) - size(gone)) };
}

function size(rows: StoredRow[]): number {
  return rows.reduce((sum, { json }) => sum + json.length, 0);
}

export function randomHex(bytes: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) text += byte.toString(16).padStart(2, "0");
  return text;
}
