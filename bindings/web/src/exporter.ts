/** `@hearken/web/exporter`: sends what is recorded to an address of yours; nothing is sent without it. */
import type { HearkenClient } from "./client.js";
import type { Span } from "./engine/api.js";
import { messageOf } from "./error.js";
import { invalid, spanOf } from "./options.js";
import type { ExportBatch, Exporter } from "./types.js";

export interface ExporterOptions {
  /** Where lines of JSON are posted to; any answer of 2xx acknowledges them. */
  url: string | URL;
  /** How often, while there is something to send; 10 s if nothing is said. */
  every?: Span;
  /** How many records one request takes; 200 if nothing is said. */
  batch?: number;
  headers?: Record<string, string>;
  /** Whether fields that the plan marks `pii` are sent. */
  pii?: boolean;
}

/** How many bytes a beacon, or a request that outlives the page, may carry: browsers stop at 64 KiB. */
const PARTING = 60_000;
/** How long what is recorded lies before it is read for a parting. */
const AHEAD = 250;
const LONGEST = 5 * 60_000;

/**
 * `createClient({ exporter: exporter({ url: "/facts" }) })`. One tab sends at a time. A refusal, an error or silence is
 * tried again, later each time (`Retry-After` is heeded); what was sent and not acknowledged comes again, byte for byte.
 */
export function exporter(options: ExporterOptions): Exporter {
  if (!options?.url) throw invalid("exporter.url", "is needed: where lines of JSON are posted to");
  if (!((options.batch ?? 1) >= 1)) throw invalid("exporter.batch", "is no number of records");
  const every = spanOf("exporter.every", options.every ?? 10_000);
  return (client) => {
    const sender = new Sender(client, options, every);
    return () => sender.stop();
  };
}

class Sender {
  readonly #client: HearkenClient<never>;
  readonly #options: ExporterOptions;
  readonly #every: number;
  readonly #stop = new AbortController();
  readonly #unlisten: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;
  /** What goes with the page if it goes now: a page that leaves can read nothing any more. */
  #ahead: ExportBatch | undefined;
  #failures = 0;
  #running = false;

  constructor(client: HearkenClient<never>, options: ExporterOptions, every: number) {
    this.#client = client;
    this.#options = options;
    this.#every = every;
    const { signal } = this.#stop;
    // A hidden page may never be seen again, and is given a moment; one that leaves is not.
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#later(0), { signal });
    addEventListener("pagehide", () => this.#part(), { signal });
    addEventListener("online", () => this.#later(0), { signal });
    this.#unlisten = client.on("input", ({ step }) => step.row && this.#read());
    this.#read();
    this.#later(this.#every);
  }

  stop(): void {
    this.#stop.abort();
    this.#unlisten();
    clearTimeout(this.#timer);
    clearTimeout(this.#reading);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let wait = this.#every;
    try {
      await this.#alone(async () => {
        for await (const batch of this.#batches(this.#options.batch ?? 200)) {
          if (this.#stop.signal.aborted) return;
          await this.#send(batch);
          this.#failures = 0;
          if ((this.#ahead?.from ?? Infinity) > batch.to) continue;
          this.#ahead = undefined;
          this.#read();
        }
      });
    } catch (error) {
      // Full jitter, so that many pages do not come back at once.
      const longest = Math.min(LONGEST, this.#every * 2 ** ++this.#failures);
      wait = error instanceof Later ? error.ms : longest / 2 + (Math.random() * longest) / 2;
      this.#client.report("export_failed", `${this.#options.url}: ${messageOf(error)}`);
    }
    this.#running = false;
    this.#later(wait);
  }

  async #send(batch: ExportBatch): Promise<void> {
    const body = batch.records.join("\n");
    const response = await this.#post(body, new Blob([body]).size < PARTING, AbortSignal.any([this.#stop.signal, AbortSignal.timeout(30_000)]));
    if (response.ok) return batch.acknowledge();
    const after = Number(response.headers.get("retry-after"));
    if (after > 0) throw new Later(`status ${response.status}`, Math.min(after * 1_000, LONGEST));
    throw new Error(`status ${response.status}`);
  }

  #post(body: string, keepalive: boolean, signal?: AbortSignal): Promise<Response> {
    return fetch(this.#options.url, {
      method: "POST", body, keepalive, credentials: "same-origin", headers: { "content-type": "application/x-ndjson", ...this.#options.headers },
      ...(signal && { signal }),
    });
  }

  #batches(max: number): AsyncGenerator<ExportBatch, void, void> {
    return this.#client.export({ max, pii: this.#options.pii ?? false });
  }

  /** Reads ahead, a moment after the first of what came. */
  #read(): void {
    this.#reading ??= setTimeout(async () => {
      this.#reading = undefined;
      try {
        this.#ahead = (await this.#batches(50).next()).value ?? undefined;
      } catch {
        // The store says what is wrong where it matters.
      }
    }, AHEAD);
  }

  /** The page goes: the rest is handed to the browser. Nobody hears whether it arrived, so it is not acknowledged. */
  #part(): void {
    const lines: string[] = [];
    let room = PARTING;
    for (const line of this.#ahead?.records ?? []) {
      room -= new Blob([line, "\n"]).size;
      if (room < 0) break;
      lines.push(line);
    }
    if (!lines.length) return;
    const text = lines.join("\n");
    if (this.#options.headers) this.#post(text, true).catch(() => {});
    else navigator.sendBeacon(this.#options.url, new Blob([text], { type: "text/plain" }));
  }

  #alone(run: () => Promise<void>): Promise<unknown> {
    if (!navigator.locks) return run();
    return navigator.locks.request(`hearken:export:${this.#options.url}`, { ifAvailable: true }, (lock) => (lock ? run() : undefined));
  }
}

class Later extends Error {
  constructor(message: string, readonly ms: number) {
    super(message);
  }
}
