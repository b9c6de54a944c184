// <hearken-messages>: draws one message at a time: what interrupts wholly in a native dialog, the rest as a region of
// the page. With a `placement` it draws what fills that place.

import type { HearkenClient } from "../client.js";
import type { Answers } from "../engine/api.js";
import type { Button } from "../message.js";
import { messageOf } from "../error.js";
import { span } from "../span.js";
import type { Presentation, Renderer, RendererHost } from "../types.js";
import { runActions } from "./actions.js";
import { drawClose, drawPage, type Hands } from "./draw.js";
import { loadImages } from "./images.js";
import { watchImpression } from "./impression.js";
import { styles } from "./styles.js";
import { afterSight } from "./timer.js";

/** What stands on the screen. */
interface Standing {
  presentation: Presentation;
  frame: HTMLElement;
  stop: () => void;
}

/** Made when it is defined: a server that imports this file has no HTMLElement. */
export function defineMessages(): void {
  if (typeof customElements === "undefined" || customElements.get("hearken-messages")) return;
  customElements.define("hearken-messages", element());
}

function element(): CustomElementConstructor {
  return class HearkenMessages extends HTMLElement implements Renderer {
    readonly #root = this.attachShadow({ mode: "open" });
    #client: HearkenClient | undefined;
    #standing: Standing | undefined;
    /** Taken, and not drawn yet. */
    readonly #coming = new Map<string, Presentation>();

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [styles()];
      // Set before the element was defined.
      if (Object.hasOwn(this, "client")) {
        const { client } = this as { client?: HearkenClient };
        delete (this as { client?: HearkenClient }).client;
        this.client = client;
      }
    }

    get client(): HearkenClient | undefined {
      return this.#client;
    }

    set client(client: HearkenClient | undefined) {
      if (client === this.#client) return;
      this.#leave();
      this.#client = client;
      this.#enter();
    }

    /** The place in the page that it fills, if it is one. */
    get placement(): string | undefined {
      return this.getAttribute("placement") ?? undefined;
    }

    connectedCallback(): void {
      this.#enter();
    }

    disconnectedCallback(): void {
      this.#leave();
    }

    async show(presentation: Presentation, host: RendererHost): Promise<void> {
      // The app draws it: it heard of the offer.
      if (presentation.message.layout === "custom") return;
      this.#coming.set(presentation.id, presentation);
      try {
        const images = await loadImages(presentation.message);
        if (!this.#coming.has(presentation.id) || !(await presentation.begin())) return;
        if (this.#coming.has(presentation.id)) this.#stand(presentation, images, host);
      } catch (error) {
        host.report("image_failed", messageOf(error));
        presentation.ended("unmounted");
      } finally {
        this.#coming.delete(presentation.id);
      }
    }

    withdraw(id: string): void {
      this.#coming.delete(id);
      if (this.#standing?.presentation.id === id) this.#clear();
    }

    #stand(presentation: Presentation, images: Map<string, HTMLImageElement>, host: RendererHost): void {
      const { message, words } = presentation;
      const { layout, pages, dismissible = true } = message;
      this.#clear();
      const modal = layout === "modal" || layout === "fullscreen";
      const frame = document.createElement(modal ? "dialog" : "section");
      frame.className = layout;
      frame.part.add(modal ? "dialog" : "region", layout);
      frame.lang = message.lang;
      frame.dir = message.dir;
      frame.setAttribute("aria-label", message.label ?? "");
      // A toast is told when there is time for it; a region can be found.
      if (!modal) frame.role = layout === "toast" ? "status" : "region";
      if (message.position) frame.dataset["position"] = message.position;
      const answers: Answers = {};
      const dismiss = () => {
        presentation.dismiss();
        this.#clear();
      };
      let place = 0;
      const passed: number[] = [];
      const turn = (to: number) => {
        const page = pages[(place = to)];
        if (page) frame.replaceChildren(...(dismissible ? [drawClose(hands)] : []), drawPage(page, hands));
        frame.scrollTop = 0;
        if (this.#standing) frame.focus();
      };
      const next = async () => {
        const id = pages[place]?.id ?? "";
        const following = await presentation.next(id, answers);
        if (this.#standing?.frame !== frame) return;
        const to = pages.findIndex((page) => page.id === following);
        if (to < 0) return dismiss();
        passed.push(place);
        turn(to);
        presentation.page(pages[to]?.id ?? "", answers);
      };
      const click = (button: Button) => {
        const does = (name: string) => button.actions.some((action) => action === name || (typeof action === "object" && name in action));
        if ((does("next") || does("submit")) && frame.querySelector("form")?.reportValidity() === false) return;
        presentation.click(button.id, answers);
        if (!button.stay) this.#clear();
        runActions(button.actions, this, host);
        if (does("previous")) turn(passed.pop() ?? 0);
        else if (does("next")) void next();
      };
      const hands: Hands = { images, words, answers, click, dismiss };
      frame.tabIndex = -1;
      turn(0);
      frame.addEventListener("cancel", (event) => {
        event.preventDefault();
        if (dismissible) dismiss();
      });
      // A browser may close it without asking: the second Escape, or a back gesture.
      frame.addEventListener("close", () => this.#standing?.frame === frame && dismiss());
      this.#root.append(frame);
      if (frame instanceof HTMLDialogElement) {
        frame.showModal();
        // The dialog itself, so that its name is read first and nothing is chosen by a stray key.
        frame.focus();
      }
      const unwatch = watchImpression(frame, () => presentation.visible());
      const over = () => {
        presentation.ended("auto");
        this.#clear();
      };
      const unwait = message.auto_dismiss === undefined ? () => {} : afterSight(frame, span(message.auto_dismiss), over);
      const stop = () => {
        unwatch();
        unwait();
      };
      this.#standing = { presentation, frame, stop };
    }

    /** Off the screen; closing gives the focus back to where it was. */
    #clear(): void {
      const standing = this.#standing;
      this.#standing = undefined;
      standing?.stop();
      if (standing?.frame instanceof HTMLDialogElement) standing.frame.close();
      standing?.frame.remove();
    }

    #enter(): void {
      if (!this.isConnected || !this.#client) return;
      this.#client.attach(this);
      if (this.placement !== undefined) this.#client.placement(this.placement);
    }

    #leave(): void {
      this.#client?.detach(this);
      if (this.placement !== undefined) this.#client?.placement(this.placement, false);
      const taken = [...this.#coming.values(), ...(this.#standing ? [this.#standing.presentation] : [])];
      this.#coming.clear();
      this.#clear();
      for (const presentation of taken) presentation.ended("unmounted");
    }
  };
}
