// <hearken-messages>: draws modal messages in a native dialog, one at a time.

import type { HearkenClient } from "../client.js";
import type { Button } from "../message.js";
import { messageOf } from "../error.js";
import type { Presentation, Renderer, RendererHost } from "../types.js";
import { runActions } from "./actions.js";
import { draw } from "./draw.js";
import { loadImages } from "./images.js";
import { watchImpression } from "./impression.js";
import { styles } from "./styles.js";
import { direction } from "./words.js";

/** What stands on the screen. */
interface Standing {
  presentation: Presentation;
  dialog: HTMLDialogElement;
  unwatch: () => void;
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
      if (this.isConnected) client?.attach(this);
    }

    connectedCallback(): void {
      this.#client?.attach(this);
    }

    disconnectedCallback(): void {
      this.#leave();
    }

    async show(presentation: Presentation, host: RendererHost): Promise<void> {
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
      const { message, locale } = presentation;
      const dialog = document.createElement("dialog");
      dialog.part.add("dialog");
      dialog.lang = locale;
      dialog.dir = direction(locale);
      dialog.setAttribute("aria-label", message.label ?? "");
      dialog.tabIndex = -1;
      const dismiss = () => {
        presentation.dismiss();
        this.#clear();
      };
      const click = (button: Button) => {
        presentation.click(button.id);
        if (!button.stay) this.#clear();
        runActions(button.actions, this, host);
      };
      dialog.append(...draw(message, images, locale, { click, dismiss }));
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        dismiss();
      });
      // A browser may close it without asking: the second Escape, or a back gesture.
      dialog.addEventListener("close", () => this.#standing?.dialog === dialog && dismiss());
      this.#root.append(dialog);
      dialog.showModal();
      // The dialog itself, so that its name is read first and nothing is chosen by a stray key.
      dialog.focus();
      const unwatch = watchImpression(dialog, () => presentation.visible());
      this.#standing = { presentation, dialog, unwatch };
    }

    /** Off the screen; closing gives the focus back to where it was. */
    #clear(): void {
      const standing = this.#standing;
      this.#standing = undefined;
      standing?.unwatch();
      standing?.dialog.close();
      standing?.dialog.remove();
    }

    #leave(): void {
      this.#client?.detach(this);
      const taken = [...this.#coming.values(), ...(this.#standing ? [this.#standing.presentation] : [])];
      this.#coming.clear();
      this.#clear();
      for (const presentation of taken) presentation.ended("unmounted");
    }
  };
}
