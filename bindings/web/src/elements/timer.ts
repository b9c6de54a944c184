// `auto_dismiss` (engine.md 8.3): time in sight, and only while nobody points at the message or is in it.

const SLICE = 100;

/** Calls `over` after `ms` of such time; the answer stops it. */
export function afterSight(element: Element, ms: number, over: () => void): () => void {
  let left = ms;
  const timer = setInterval(() => {
    if (document.visibilityState !== "visible" || element.matches(":hover, :has(:focus)")) return;
    left -= SLICE;
    if (left > 0) return;
    clearInterval(timer);
    over();
  }, SLICE);
  return () => clearInterval(timer);
}
