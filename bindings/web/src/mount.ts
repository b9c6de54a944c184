// Elements find their client by where they stand: whoever asks below a mounted element gets its client.

import type { AnyClient } from "./types.js";

const MESSAGES = "hearken-messages";
const OTHERS = ["hearken-placement", "hearken-inbox", "hearken-bell", "hearken-inspector"];

type Wanting = Element & { client?: AnyClient | undefined };

/** Gives a client to every element of ours in `ground`, now and later, and a `<hearken-messages>` if there is none. */
export function mount(client: AnyClient, ground: Element): void {
  const give = (element: Wanting) => (element.client ??= client);
  if (ground.localName === MESSAGES) return void give(ground);
  if (!customElements.get(MESSAGES)) client.report("elements_missing", 'import "@hearken/web/elements" to let messages be drawn');
  ground.addEventListener("hearken-client", (event) => {
    event.stopPropagation();
    (event as CustomEvent<(client: AnyClient) => void>).detail(client);
  });
  for (const element of ground.querySelectorAll([MESSAGES, ...OTHERS].join())) give(element);
  const own = ground.querySelector(`${MESSAGES}:not([placement])`) ?? ground.appendChild(document.createElement(MESSAGES));
  give(own);
}
