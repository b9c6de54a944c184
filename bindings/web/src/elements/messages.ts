// <hearken-messages>: draws one message at a time. With a `placement` it draws what fills that place, as
// <hearken-placement name> does, which also keeps the space for it.

import type { HearkenClient } from "../client.js";
import { messageOf } from "../error.js";
import type { Presentation, Renderer, RendererHost } from "../types.js";
import { anchorFor } from "./anchor.js";
import { ClientElement } from "./base.js";
import { Frame } from "./frame.js";
import { loadImages } from "./images.js";
import { styles } from "./styles.js";

/** How long a screen reader gets to begin. */
const SAID = 8_000;

class Messages extends ClientElement implements Renderer {
  #frame: Frame | undefined;
  /** What a forced message stands in front of: it is drawn again when that goes. */
  #behind: { presentation: Presentation; host: RendererHost } | undefined;
  readonly #said: HTMLElement;
  /** Taken, and not drawn yet. */
  readonly #coming = new Map<string, Presentation>();
  /** What this element is known to fill, as long as it stands in the page. */
  #place: string | undefined;

  constructor() {
    super(styles());
    this.#said = document.createElement("div");
    this.#said.className = "said";
    this.#said.role = "status";
    this.root.append(this.#said, document.createElement("slot"));
  }

  get placement(): string | undefined {
    return this.getAttribute("placement") ?? undefined;
  }

  async show(presentation: Presentation, host: RendererHost): Promise<void> {
    const { message } = presentation;
    // The app draws it: it heard of the offer.
    if (message.layout === "custom") return;
    this.#coming.set(presentation.id, presentation);
    try {
      const prefers = message.pages.some(({ blocks }) => blocks.some((block) => typeof block === "object" && "preference" in block));
      const images = await loadImages(message);
      const person = prefers ? await host.person() : undefined;
      const anchor = message.layout === "tooltip" && message.anchor !== undefined ? await anchorFor(message.anchor) : undefined;
      if (message.layout === "tooltip" && !anchor) {
        host.report("anchor_missing", `${presentation.campaign} points at ${message.anchor}, which is not in the page`);
        return presentation.ended("unmounted");
      }
      if (!this.#coming.has(presentation.id) || !(await presentation.begin())) return;
      if (!this.#coming.has(presentation.id)) return;
      const behind = presentation.forced && this.#frame && !this.#frame.presentation.forced ? { presentation: this.#frame.presentation, host: this.#frame.host } : this.#behind;
      this.#behind = undefined;
      this.#clear();
      this.#behind = presentation.forced ? behind : undefined;
      const ground = { element: this, root: this.root, rule: this.rule, say: (text: string) => this.#say(text), over: () => this.#clear() };
      this.#frame = new Frame(presentation, { images, person, anchor }, host, ground);
      this.toggleAttribute("filled", true);
    } catch (error) {
      host.report("image_failed", messageOf(error));
      presentation.ended("unmounted");
    } finally {
      this.#coming.delete(presentation.id);
    }
  }

  withdraw(id: string): void {
    this.#coming.delete(id);
    if (this.#behind?.presentation.id === id) this.#behind = undefined;
    if (this.#frame?.presentation.id === id) this.#clear();
  }

  protected override enter(client: HearkenClient): void {
    client.attach(this);
    this.#place = this.placement;
    if (this.#place !== undefined) client.placement(this.#place);
  }

  protected override leave(client: HearkenClient): void {
    client.detach(this);
    if (this.#place !== undefined) client.placement(this.#place, false);
    const taken = [...this.#coming.values(), ...(this.#frame ? [this.#frame.presentation] : []), ...(this.#behind ? [this.#behind.presentation] : [])];
    this.#behind = undefined;
    this.#coming.clear();
    this.#clear();
    for (const presentation of taken) presentation.ended("unmounted");
  }

  #clear(): void {
    const frame = this.#frame;
    this.#frame = undefined;
    frame?.close();
    this.removeAttribute("filled");
    const behind = this.#behind;
    this.#behind = undefined;
    if (behind) void this.show(behind.presentation, behind.host);
  }

  /** The region stood there before, so that a change of it is told. */
  #say(text: string): void {
    setTimeout(() => (this.#said.textContent = text), 100);
    setTimeout(() => this.#said.textContent === text && this.#said.replaceChildren(), SAID);
  }
}

class Placement extends Messages {
  static readonly observedAttributes = ["reserve"];

  override get placement(): string {
    return this.getAttribute("name") ?? "";
  }

  attributeChangedCallback(_name: string, _before: string | null, pixels: string | null): void {
    this.rule.setProperty("--hearken-reserve", `${Math.max(0, Number(pixels) || 0)}px`);
  }
}

export { Messages, Placement };
