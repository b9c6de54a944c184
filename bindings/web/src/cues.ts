// What only the page can see (docs/playbook.md, triggers): its route, what comes into sight, how long and how far a person
// reads, and when the pointer leaves for the browser's own bar. Watched only as far as the playbook asks; each once a route.

import type { Cue, Json } from "./engine/api.js";

const IN_SIGHT = 0.5;
/** How long a page that is being changed may settle before it is searched again. */
const SETTLED = 100;

export class Cues {
  readonly #say: (cue: string, value?: Json) => void;
  #cues: Cue[] = [];
  #said = new Set<string>();
  #stop = new AbortController();

  constructor(say: (cue: string, value?: Json) => void) {
    this.#say = say;
  }

  /** Watches for exactly these. */
  watch(cues: Cue[]): void {
    this.stop();
    this.#cues = cues;
    this.#stop = new AbortController();
    this.#route();
    this.#visible();
    this.#dwell();
    this.#scroll();
    if (this.#of("exit_intent").length) this.#exit();
  }

  /** The page is another one. */
  moved(): void {
    const cues = this.#cues;
    this.#said.clear();
    this.watch(cues);
  }

  stop(): void {
    this.#stop.abort();
  }

  #of(name: string): Json[] {
    return this.#cues.flatMap(({ cue, value }) => (cue === name ? [value ?? null] : []));
  }

  /** Whether it was not said on this route before. */
  #once(cue: string, value: Json = null): void {
    const key = `${cue} ${JSON.stringify(value)}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    if (value === null) this.#say(cue);
    else this.#say(cue, value);
  }

  #route(): void {
    for (const glob of this.#of("route")) if (matches(String(glob), location)) this.#once("route", glob);
  }

  #visible(): void {
    const selectors = this.#of("visible").map(String);
    if (!selectors.length) return;
    const watched = new Map<Element, string[]>();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) for (const selector of watched.get(target) ?? []) this.#once("visible", selector);
        }
      },
      { threshold: IN_SIGHT },
    );
    const search = () => {
      for (const selector of selectors) {
        for (const element of all(selector)) {
          const known = watched.get(element);
          if (known?.includes(selector)) continue;
          watched.set(element, [...(known ?? []), selector]);
          observer.observe(element);
        }
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changes = new MutationObserver(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        search();
      }, SETTLED);
    });
    changes.observe(document, { childList: true, subtree: true });
    search();
    this.#ended(() => {
      clearTimeout(timer);
      changes.disconnect();
      observer.disconnect();
    });
  }

  #dwell(): void {
    const spans = this.#of("dwell").map(Number).filter((span) => span > 0);
    if (!spans.length) return;
    let seen = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      // A tab that slept was not read.
      if (document.visibilityState === "visible") seen += Math.min(now - last, 2_000);
      last = now;
      for (const span of spans) if (seen >= span) this.#once("dwell", span);
      if (seen >= Math.max(...spans)) clearInterval(timer);
    }, Math.min(1_000, ...spans));
    this.#ended(() => clearInterval(timer));
  }

  #scroll(): void {
    const depths = this.#of("scroll").map(Number);
    if (!depths.length) return;
    let asked = 0;
    const look = () => {
      asked = 0;
      // Back at the top, as a new page begins: nobody read further.
      if (scrollY <= 0) return;
      const { scrollHeight } = document.documentElement;
      const depth = ((scrollY + innerHeight) / scrollHeight) * 100;
      // A pixel of rounding at the end of the page.
      for (const wanted of depths) if (depth + 0.5 >= wanted) this.#once("scroll", wanted);
    };
    const scrolled = () => (asked ||= requestAnimationFrame(look));
    addEventListener("scroll", scrolled, { passive: true, signal: this.#stop.signal });
    this.#ended(() => cancelAnimationFrame(asked));
  }

  #exit(): void {
    const left = ({ relatedTarget, clientY }: MouseEvent) => {
      if (relatedTarget === null && clientY <= 0) this.#once("exit_intent");
    };
    document.addEventListener("mouseout", left, { passive: true, signal: this.#stop.signal });
  }

  #ended(run: () => void): void {
    this.#stop.signal.addEventListener("abort", run, { once: true });
  }
}

/** `*` is anything within a segment, `**` anything; the hash belongs to it where the glob has one. */
export function matches(glob: string, { pathname, hash }: { pathname: string; hash: string }): boolean {
  const parts = glob.split(/(\*\*|\*)/).map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${parts.join("")}$`).test(glob.includes("#") ? pathname + hash : pathname);
}

function all(selector: string): Iterable<Element> {
  try {
    return document.querySelectorAll(selector);
  } catch {
    // No selector; `hearken check` says so.
    return [];
  }
}
