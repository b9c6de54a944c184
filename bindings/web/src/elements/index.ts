/** `@hearken/web/elements`: importing it in a page registers `<hearken-messages>` and `<hearken-placement>`; on a server it does nothing. */
import type { HearkenClient } from "../client.js";
import { define } from "./base.js";
import { Messages, Placement } from "./messages.js";

/** What every element of this package has. */
export interface WithClient {
  /** The client whose messages it draws; `client.mount` sets it on what stands below the element it is given. */
  client: HearkenClient | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "hearken-messages": HTMLElement & WithClient;
    "hearken-placement": HTMLElement & WithClient;
  }
}

define("hearken-messages", Messages);
define("hearken-placement", Placement);
