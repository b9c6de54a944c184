// The journal in IndexedDB (engine.md 11.3). Each visit is one `readwrite` transaction: read the head, fold what other
// tabs wrote, handle, add. The transaction is the lock; there is no leader.

import { HearkenError, messageOf } from "../error.js";
import { dropAside, keepAside } from "./aside.js";
import { checkHead, newHead, nextHead, PRUNED, prunedHead, startingPoint, type Base, type Head, type Page, type Store, type StoredRow, type Visit } from "./store.js";

const VERSION = 1;
const HEAD = "head";
const CURSOR = "cursor";
const CHECKPOINT = "checkpoint";
const BASE = "base";

/** Where the export stands. */
interface Cursor {
  journal: string;
  seq: number;
}

export interface IndexedDbOptions {
  /** How long `open` and a transaction may go unanswered, in milliseconds (engine.md 11.3). */
  openTimeout: number;
  transactionTimeout: number;
  /** The connection is lost: another version wants the database, or the browser closed it. */
  onLost(why: string): void;
}

export function databaseName(name: string): string {
  return `hearken:${name}`;
}

export class IndexedDbStore implements Store {
  readonly durable = true;
  readonly #name: string;
  readonly #db: IDBDatabase;
  readonly #options: IndexedDbOptions;
  /** The running transactions until they reach their commit. */
  readonly #open = new Set<IDBTransaction>();

  private constructor(name: string, db: IDBDatabase, options: IndexedDbOptions) {
    this.#name = name;
    this.#db = db;
    this.#options = options;
    db.onversionchange = () => {
      db.close();
      options.onLost("another version of the library wants to upgrade the database");
    };
    db.onclose = () => options.onLost("the browser closed the database");
  }

  static open(name: string, options: IndexedDbOptions): Promise<IndexedDbStore> {
    return new Promise((resolve, reject) => {
      const lost = (why: string, cause?: unknown) => reject(new HearkenError("store_unavailable", why, { cause }));
      const cancel = patience(options.openTimeout, () => lost("IndexedDB does not answer to `open`"));
      let request: IDBOpenDBRequest;
      try {
        request = indexedDB.open(databaseName(name), VERSION);
      } catch (cause) {
        cancel();
        return lost(`IndexedDB cannot be opened: ${messageOf(cause)}`, cause);
      }
      request.onupgradeneeded = () => {
        for (const store of ["rows", "meta", "blobs"]) request.result.createObjectStore(store);
      };
      request.onblocked = () => lost("another tab holds an older version of the database open");
      request.onerror = () => {
        cancel();
        if (request.error?.name !== "VersionError") return lost(`IndexedDB cannot be opened: ${request.error?.message}`, request.error);
        const text = `the database \`${databaseName(name)}\` is of a newer version than ${VERSION}: update the library; nothing was touched`;
        reject(new HearkenError("newer_format", text, { place: databaseName(name), cause: request.error }));
      };
      request.onsuccess = () => {
        cancel();
        resolve(new IndexedDbStore(name, request.result, options));
      };
    });
  }

  async visit(visit: Visit, durability: "relaxed" | "strict"): Promise<void> {
    const mode = visit.handle ? "readwrite" : "readonly";
    let erased = false;
    await this.#transaction(mode, durability, (tx, step) => {
      const meta = tx.objectStore("meta");
      step(meta.get(HEAD), (found: Head | undefined) => {
        const head = checkHead(found ?? newHead());
        const { restart, from } = startingPoint(head, visit);
        const act = () => (visit.all?.() ? read(tx, step, 0, undefined, write) : write([]));
        const write = (all: StoredRow[]) => {
          const writes = visit.handle?.(head, all);
          if (writes?.rows.length) {
            if (writes.erased !== undefined) erased = clear(tx);
            for (const row of writes.rows) tx.objectStore("rows").add(row.json, row.last);
            for (const blob of writes.blobs) tx.objectStore("blobs").put(blob.content, blob.hash);
            if (writes.checkpoint) meta.put(writes.checkpoint.json, CHECKPOINT);
            const next = nextHead(head, writes);
            if (writes.cursor !== undefined) meta.put({ journal: next.journal, seq: writes.cursor } satisfies Cursor, CURSOR);
            meta.put(next, HEAD);
          }
          this.#commit(tx);
        };
        const folded = (checkpoint: string | undefined, rows: StoredRow[]) => {
          const hash = visit.fold({ journal: head.journal, restart, head: head.seq, rows, ...(checkpoint !== undefined && { checkpoint }) });
          if (hash === undefined) return act();
          step(tx.objectStore("blobs").get(hash), (content: string | undefined) => {
            visit.supply(hash, content);
            act();
          });
        };
        const tail = (checkpoint?: string) => {
          if (head.seq === from) return folded(checkpoint, []);
          read(tx, step, from, undefined, (rows) => folded(checkpoint, rows));
        };
        if (restart && head.checkpoint > 0) step(meta.get(CHECKPOINT), tail);
        else tail();
      });
    });
    if (erased) await dropAside(databaseName(this.#name));
  }

  async page(after: number, most: number): Promise<Page> {
    let page: Page = { journal: "", cursor: 0, bytes: 0, rows: [] };
    await this.#transaction("readonly", "relaxed", (tx, step) => {
      const meta = tx.objectStore("meta");
      step(meta.get(HEAD), (head: Head | undefined) => {
        if (!head) return;
        checkHead(head);
        step(meta.get(CURSOR), (stored: Cursor | undefined) => {
          const cursor = stored?.journal === head.journal ? stored.seq : 0;
          read(tx, step, Math.max(after, cursor), most, (rows) => (page = { journal: head.journal, cursor, bytes: head.bytes ?? 0, rows }));
        });
      });
    });
    return page;
  }

  acknowledge(journal: string, seq: number): Promise<void> {
    return this.#transaction("readwrite", "strict", (tx, step) => {
      const meta = tx.objectStore("meta");
      step(meta.get(HEAD), (head: Head | undefined) => {
        step(meta.get(CURSOR), (stored: Cursor | undefined) => {
          const before = stored?.journal === journal ? stored.seq : 0;
          if (head?.journal === journal && seq > before) meta.put({ journal, seq: Math.min(seq, head.seq) } satisfies Cursor, CURSOR);
          this.#commit(tx);
        });
      });
    });
  }

  async prune(base: Base, through = 0): Promise<number> {
    let pruned = 0;
    await this.#transaction("readwrite", "strict", (tx, step) => {
      const meta = tx.objectStore("meta");
      step(meta.get(HEAD), (head: Head | undefined) => {
        step(meta.get(CURSOR), (cursor: Cursor | undefined) => {
          step(meta.get(BASE), (checkpoint: string | undefined) => {
            const end = Math.max(through, head && cursor?.journal === head.journal ? cursor.seq : 0);
            if (!head || head.base >= end) return this.#commit(tx);
            checkHead(head);
            read(tx, step, head.base, PRUNED, (rows) => {
              const gone = rows.filter((row) => row.last <= end);
              const last = gone.at(-1)?.last;
              if (last !== undefined) {
                const json = base(checkpoint, gone);
                tx.objectStore("rows").delete(IDBKeyRange.upperBound(last));
                meta.put(json, BASE);
                if (head.checkpoint < last) meta.put(json, CHECKPOINT);
                meta.put(prunedHead(head, gone, last), HEAD);
                pruned = gone.length;
              }
              this.#commit(tx);
            });
          });
        });
      });
    });
    return pruned;
  }

  async setAside(why: string): Promise<void> {
    const all: Record<string, { key: IDBValidKey; value: unknown }[]> = { rows: [], meta: [], blobs: [] };
    await this.#transaction("readonly", "relaxed", (tx, step) => {
      for (const [name, entries] of Object.entries(all)) {
        step(tx.objectStore(name).openCursor(), (cursor: IDBCursorWithValue | null) => {
          if (!cursor) return;
          entries.push({ key: cursor.key, value: cursor.value });
          cursor.continue();
        });
      }
    });
    // The copy is safe before anything is removed; a tab that did the same meanwhile leaves a second copy, not none.
    await keepAside(databaseName(this.#name), { at: Date.now(), why, ...all });
    const damaged = (all["meta"]?.find(({ key }) => key === HEAD)?.value as Head | undefined)?.journal;
    await this.#transaction("readwrite", "strict", (tx, step) => {
      const meta = tx.objectStore("meta");
      step(meta.get(HEAD), (head: Head | undefined) => {
        if (head?.journal === damaged) {
          clear(tx);
          meta.put(newHead(), HEAD);
        }
        this.#commit(tx);
      });
    });
  }

  abandon(): void {
    for (const tx of this.#open) {
      try {
        tx.abort();
      } catch {
        // It ended in the same moment.
      }
    }
  }

  close(): void {
    this.#db.onclose = this.#db.onversionchange = null;
    this.#db.close();
  }

  #commit(tx: IDBTransaction): void {
    this.#open.delete(tx);
    tx.commit();
  }

  /** Runs `body` in a transaction. What a callback throws aborts it, and is what the promise is rejected with. */
  #transaction(mode: IDBTransactionMode, durability: "relaxed" | "strict", body: (tx: IDBTransaction, step: Step) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let tx: IDBTransaction;
      try {
        tx = this.#db.transaction(["rows", "meta", "blobs"], mode, { durability });
      } catch (cause) {
        return reject(new HearkenError("store_unavailable", `the database is closed: ${messageOf(cause)}`, { cause }));
      }
      let thrown: unknown;
      const guard = (run: () => void) => {
        try {
          run();
        } catch (error) {
          thrown = error;
          tx.abort();
        }
      };
      const cancel = patience(this.#options.transactionTimeout, () => {
        reject(new HearkenError("store_unavailable", "IndexedDB does not answer to a transaction"));
        try {
          tx.abort();
        } catch {
          // It ended in the same moment; its answer comes too late either way.
        }
      });
      const over = (settle: () => void) => () => {
        cancel();
        this.#open.delete(tx);
        settle();
      };
      this.#open.add(tx);
      tx.oncomplete = over(resolve);
      // Quota is told here and not at a request.
      tx.onabort = over(() => reject(thrown ?? tx.error ?? new DOMException("the transaction was aborted", "AbortError")));
      guard(() => body(tx, (request, then) => (request.onsuccess = () => guard(() => then(request.result as never)))));
    });
  }
}

type Step = <T>(request: IDBRequest, then: (result: T) => void) => void;

/** Empties the journal. */
function clear(tx: IDBTransaction): true {
  for (const name of tx.objectStoreNames) tx.objectStore(name).clear();
  return true;
}

/** Rows that end after a place, with their keys. */
function read(tx: IDBTransaction, step: Step, after: number, most: number | undefined, then: (rows: StoredRow[]) => void): void {
  const range = IDBKeyRange.lowerBound(after, true);
  step(tx.objectStore("rows").getAllKeys(range, most), (keys: number[]) => {
    step(tx.objectStore("rows").getAll(range, most), (values: string[]) => {
      then(values.map((json, place) => ({ last: keys[place] as number, json })));
    });
  });
}

/** Calls `late` after `ms`, counted in slices: a machine that slept through one slice did not wait for the whole. */
function patience(ms: number, late: () => void): () => void {
  const slices = 5;
  let left = slices;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    late();
  }, ms / slices);
  return () => clearInterval(timer);
}
