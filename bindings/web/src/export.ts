// The export cursor (engine.md 11.4): at least once, in order, and never again after `acknowledge`.

import type { Store, StoredRow } from "./store/store.js";
import type { ExportBatch } from "./types.js";

/** How many rows one read takes. */
const ROWS = 200;

/** Reads a row's lines after a place. */
export type Lines = (row: StoredRow, after: number, withPii: boolean) => { seq: number; line: string }[];

export async function* exportBatches(store: () => Store, lines: Lines, max: number, withPii: boolean): AsyncGenerator<ExportBatch, void, void> {
  let at = 0;
  let journal: string | undefined;
  let held: { seq: number; line: string }[] = [];
  for (;;) {
    const page = await store().page(at, ROWS);
    if (journal !== undefined && page.journal !== journal) {
      // The journal started again: its places mean something else now.
      held = [];
      at = 0;
      journal = undefined;
      continue;
    }
    journal = page.journal;
    const from = Math.max(at, page.cursor);
    for (const row of page.rows) {
      held.push(...lines(row, from, withPii));
      at = row.last;
    }
    const end = page.rows.length < ROWS;
    while (held.length >= max || (end && held.length > 0)) {
      const some = held.splice(0, max);
      // Behind the last line of a read lies only what is not exported.
      yield batch(store, journal, some, held.length === 0 ? at : undefined);
    }
    if (end) return;
  }
}

function batch(store: () => Store, journal: string, some: { seq: number; line: string }[], through: number | undefined): ExportBatch {
  const to = some.at(-1)?.seq ?? 0;
  return {
    records: some.map(({ line }) => line),
    from: some[0]?.seq ?? 0,
    to,
    acknowledge: () => store().acknowledge(journal, Math.max(to, through ?? 0)),
  };
}
