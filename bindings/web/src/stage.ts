// What this tab was offered, and who draws it.

import type { Emitter } from "./emitter.js";
import { messageOf } from "./error.js";
import type { Say } from "./presentation.js";
import { muted } from "./preview.js";
import type { Answer, ClientEvents, Presentation, Renderer, RendererHost } from "./types.js";

/** What stands or is to stand; `over` if its end was the host's or the person's. */
type Standing = Presentation & { readonly over: boolean };

export class Stage {
  readonly #host: RendererHost;
  readonly #events: Emitter<ClientEvents>;
  readonly #say: Say;
  #renderers: Renderer[] = [];
  /** Offered to this tab, and not over. */
  readonly #presentations = new Map<string, Standing>();
  /** Those that no renderer has taken yet. */
  readonly #untaken = new Set<Standing>();

  constructor(host: RendererHost, events: Emitter<ClientEvents>, say: Say) {
    this.#host = host;
    this.#events = events;
    this.#say = say;
  }

  attach(renderer: Renderer): void {
    this.#renderers.push(renderer);
    for (const presentation of this.#untaken) this.#give(presentation);
  }

  detach(renderer: Renderer): void {
    this.#renderers = this.#renderers.filter((other) => other !== renderer);
  }

  /** The delegate is asked first; what stood on the screen before a reload it let through once already. */
  async offer(presentation: Standing): Promise<void> {
    this.#presentations.set(presentation.id, presentation);
    this.#events.emit("offer", presentation);
    const answer = presentation.resumed || !this.#host.delegate.offer ? "show" : await this.#ask(presentation);
    if (this.#presentations.get(presentation.id) !== presentation) return;
    if (answer === "show") return this.#give(presentation);
    const said = typeof answer === "object" ? ({ answer: "later", after: answer.later } as const) : { answer };
    this.#say({ host_answer: { presentation_id: presentation.id, ...said } });
  }

  /** Put on the screen without asking anybody, over what stands there; in its place, if that is in the page. */
  force(presentation: Standing): void {
    this.#presentations.set(presentation.id, presentation);
    this.#give(presentation, muted(this.#host));
  }

  shown(id: string): void {
    const presentation = this.#presentations.get(id);
    if (presentation) this.#events.emit("shown", { id, campaign: presentation.campaign });
  }

  /** The engine took them back, or they are over: off the screen. */
  withdraw(ids: Iterable<string>): void {
    for (const id of ids) {
      const presentation = this.#presentations.get(id);
      if (!presentation) continue;
      this.#presentations.delete(id);
      this.#untaken.delete(presentation);
      for (const renderer of this.#renderers) renderer.withdraw(id);
      if (!presentation.over) this.#events.emit("withdrawn", { id, campaign: presentation.campaign });
    }
  }

  /** Everything else is no longer this tab's. */
  keepOnly(ids: string[]): void {
    this.withdraw([...this.#presentations.keys()].filter((id) => !ids.includes(id) && !id.startsWith("preview-")));
  }

  /** The client closes: the host takes everything off the screen. */
  clear(): void {
    for (const presentation of this.#presentations.values()) {
      for (const renderer of this.#renderers) renderer.withdraw(presentation.id);
      presentation.ended("unmounted");
    }
  }

  async #ask(presentation: Standing): Promise<Answer> {
    try {
      return (await this.#host.delegate.offer?.(presentation)) ?? "show";
    } catch (error) {
      this.#host.report("delegate_failed", `the delegate failed, the message shows: ${messageOf(error)}`);
      return "show";
    }
  }

  #give(presentation: Standing, host: RendererHost = this.#host): void {
    if (presentation.message.layout === "custom" && this.#host.delegate.draw) return this.#custom(presentation);
    const renderer = this.#renderers.find(({ placement }) => placement === presentation.placement);
    if (!renderer) return void this.#untaken.add(presentation);
    this.#untaken.delete(presentation);
    renderer.show(presentation, host);
  }

  /** The app draws it, and says itself what becomes of it. */
  #custom(presentation: Standing): void {
    try {
      this.#host.delegate.draw?.(presentation);
    } catch (error) {
      this.#host.report("delegate_failed", `the delegate could not draw ${presentation.campaign}: ${messageOf(error)}`);
      presentation.ended("unmounted");
    }
  }
}
