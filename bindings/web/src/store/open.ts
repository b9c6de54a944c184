// The store that a host asks for, or why there is none.

import { HearkenError } from "../error.js";
import { IndexedDbStore, type IndexedDbOptions } from "./indexeddb.js";
import { MemoryStore } from "./memory.js";
import type { Store } from "./store.js";

export async function openStore(name: string, kind: "indexeddb" | "memory" | undefined, options: IndexedDbOptions): Promise<Store> {
  if (kind === "memory") return new MemoryStore();
  if (typeof indexedDB === "undefined") throw new HearkenError("store_unavailable", "this browser gives the page no IndexedDB");
  // Nobody could tell a living tab from a gone one, nor a reload from a copy (engine.md 6.2).
  if (!navigator.locks) throw new HearkenError("store_unavailable", "there are no Web Locks here: serve the page over https");
  return IndexedDbStore.open(name, options);
}
