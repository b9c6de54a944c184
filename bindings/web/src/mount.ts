// Elements find their client by where they stand: whoever asks below a mounted element gets its client.

import type { AnyClient } from "./types.js";

const MESSAGES = "hearken-messages";
const OTHERS = ["hearken-placement", "hearken-inbox", "hearken-bell", "hearken-inspector"];

type Wanting = Element & { client?: AnyClient | undefined };

/** Gives a client to every element of ours in `ground`, now and later, and a `<hearken-messages>` if there is none. The answer takes it all back. */
export function mount(client: AnyClient, ground: Element): () => void {
  const stop = new AbortController();
  const itself = ground.localName === MESSAGES;
  const ours = (): Iterable<Wanting> => (itself ? [ground] : ground.querySelectorAll([MESSAGES, ...OTHERS].join()));
  let own: Element | undefined;
  if (!itself) {
    if (!customElements.get(MESSAGES)) client.report("elements_missing", 'import "@hearken/web/elements" to let messages be drawn');
    ground.addEventListener(
      "hearken-client",
      (event) => {
        event.stopPropagation();
        (event as CustomEvent<(client: AnyClient) => void>).detail(client);
      },
      { signal: stop.signal },
    );
    if (!ground.querySelector(`${MESSAGES}:not([placement])`)) own = ground.appendChild(document.createElement(MESSAGES));
  }
  // A client that was closed gives way.
  for (const element of ours()) if (element.client?.closed ?? true) element.client = client;
  return () => {
    stop.abort();
    for (const element of ours()) if (element.client === client) element.client = undefined;
    own?.remove();
  };
}
