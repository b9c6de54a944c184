// A tooltip stands beside what it points at, and follows it.

/** How long the page may take to draw what it points at. */
const PATIENCE = 15_000;
const GAP = 10;
const EDGE = 8;

/** What a selector or an id names. */
export function anchorOf(name: string): Element | undefined {
  try {
    return document.querySelector(name) ?? document.getElementById(name) ?? undefined;
  } catch {
    return document.getElementById(name) ?? undefined;
  }
}

/** Waits until it is there; nothing where it never comes. */
export function anchorFor(name: string): Promise<Element | undefined> {
  const there = anchorOf(name);
  if (there) return Promise.resolve(there);
  return new Promise((resolve) => {
    const settle = (found: Element | undefined) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(found);
    };
    const observer = new MutationObserver(() => {
      const found = anchorOf(name);
      if (found) settle(found);
    });
    const timer = setTimeout(() => settle(undefined), PATIENCE);
    observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["id", "class"] });
  });
}

/** Keeps `frame` beside `anchor`, by properties of `rule`; `gone` when the anchor left the page. The answer stops it. */
export function follow(frame: HTMLElement, anchor: Element, rule: CSSStyleDeclaration, gone: () => void): () => void {
  const place = () => {
    if (!anchor.isConnected) return gone();
    const at = anchor.getBoundingClientRect();
    const [width, height] = [frame.offsetWidth, frame.offsetHeight];
    const { innerWidth, innerHeight } = window;
    const below = at.bottom + GAP + height <= innerHeight - EDGE || at.top < innerHeight - at.bottom;
    const middle = at.left + at.width / 2;
    const left = Math.max(EDGE, Math.min(middle - width / 2, innerWidth - width - EDGE));
    rule.setProperty("--_left", `${left}px`);
    rule.setProperty("--_top", `${below ? at.bottom + GAP : at.top - GAP - height}px`);
    rule.setProperty("--_tip", `${Math.max(18, Math.min(middle - left, width - 18))}px`);
    frame.dataset["side"] = below ? "below" : "above";
    // What it points at is scrolled away: so is it.
    frame.dataset["away"] = String(at.bottom < 0 || at.top > innerHeight || at.right < 0 || at.left > innerWidth);
  };
  const stop = new AbortController();
  const sizes = new ResizeObserver(place);
  for (const element of [frame, anchor, document.documentElement]) sizes.observe(element);
  const tree = new MutationObserver(place);
  tree.observe(document.body, { childList: true, subtree: true });
  addEventListener("scroll", place, { capture: true, passive: true, signal: stop.signal });
  addEventListener("resize", place, { passive: true, signal: stop.signal });
  place();
  return () => {
    stop.abort();
    sizes.disconnect();
    tree.disconnect();
  };
}
