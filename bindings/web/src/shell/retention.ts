// How long the journal is kept (engine.md 11.4). What was exported, or is to be delivered to nobody, goes at the next
// checkpoint and a while after a page opened; the rest once it is too old or too much, and then the journal says what was
// lost before it is removed.

import type { Step } from "../engine/api.js";
import type { Store } from "../store/store.js";
import type { Journal } from "./journal.js";

/** How long, in milliseconds, and how much, in characters of rows, is kept of what no export has taken: whichever comes first. */
export interface Kept {
  age: number;
  bytes: number;
}

/** Rows read at once. */
const ROWS = 200;

/** What is to go. */
export interface Cut {
  /** Everything up to here. */
  through: number;
  /** The first and the last place of what nobody has got; nothing if all of it was for nobody. */
  lost?: { from: number; to: number };
}

/** Says what has to go, behind what was acknowledged; nothing if nothing has. */
export async function cut(store: Store, journal: Journal, kept: Kept, now: number): Promise<Cut | undefined> {
  let found: Cut | undefined;
  let freed = 0;
  let after = 0;
  for (;;) {
    const { cursor, bytes, rows } = await store.page(after, ROWS);
    // A tenth more than has to go, so that it does not start again at once.
    const excess = after === 0 && bytes > kept.bytes ? bytes - kept.bytes + kept.bytes / 10 : 0;
    if (after === 0) freed = -excess;
    for (const row of rows) {
      const { first, ctx } = JSON.parse(row.json) as { first: number; ctx: { now: number } };
      if (freed >= 0 && now - ctx.now < kept.age) return found;
      freed += row.json.length;
      found = { ...found, through: row.last };
      if (journal.lines(row, cursor, true).length) found.lost = { from: found.lost?.from ?? Math.max(first, cursor + 1), to: row.last };
      after = row.last;
    }
    if (rows.length < ROWS) return found;
  }
}

/** Removes what is to go. `say` records what is lost, and answers when that is stored. */
export async function tidy(store: Store, journal: Journal, kept: Kept, say: (lost: { from: number; to: number }) => Promise<Step | undefined>): Promise<void> {
  await journal.prune(store);
  const gone = await cut(store, journal, kept, Date.now());
  if (!gone) return;
  if (gone.lost && (await say(gone.lost))?.verdict !== "accepted") return;
  await journal.prune(store, gone.through);
}
