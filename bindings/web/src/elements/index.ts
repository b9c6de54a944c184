/** `@hearken/web/elements`: importing it in a page registers `<hearken-messages>`; on a server it does nothing. */
import type { HearkenClient } from "../client.js";
import { defineMessages } from "./messages.js";

declare global {
  interface HTMLElementTagNameMap {
    "hearken-messages": HTMLElement & {
      /** The client whose messages it draws. */
      client: HearkenClient | undefined;
    };
  }
}

defineMessages();
