// A real impression (engine.md 6.2): half of the message in sight, in a page that is seen, without a break for as long as the playbook says.

const IN_SIGHT = 0.5;

/** Calls `seen` once; the answer stops watching. */
export function watchImpression(element: Element, ms: number, seen: () => void): () => void {
  let inSight = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (!inSight || document.visibilityState !== "visible") return;
    timer = setTimeout(() => {
      stop();
      seen();
    }, ms);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      const now = (entries.at(-1)?.intersectionRatio ?? 0) >= IN_SIGHT;
      if (now === inSight) return;
      inSight = now;
      look();
    },
    { threshold: IN_SIGHT },
  );
  const stop = () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener("visibilitychange", look);
  };
  observer.observe(element);
  document.addEventListener("visibilitychange", look);
  return stop;
}
