// Damaged data is kept, never deleted silently: a database of its own takes a copy (engine.md 11.2).

/** A damaged journal as it was found. */
export interface Aside {
  /** When it was found. */
  at: number;
  /** What was wrong, and where. */
  why: string;
  [store: string]: unknown;
}

/** Adds a copy to the database `<database>:damaged`, which keeps all of them. */
export function keepAside(database: string, copy: Aside): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`${database}:damaged`, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore("kept", { autoIncrement: true });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      const tx = db.transaction("kept", "readwrite", { durability: "strict" });
      tx.objectStore("kept").add(copy);
      tx.oncomplete = () => {
        db.close();
        resolve();
      };
      tx.onabort = () => {
        db.close();
        reject(tx.error);
      };
    };
  });
}

/** Removes all of them: the person is to be forgotten. */
export function dropAside(database: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(`${database}:damaged`);
    // Blocked by another tab's write, it goes when that is over.
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
