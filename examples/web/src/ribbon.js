// A message of the layout `custom`: the shop draws it itself, as a ribbon over its deals.
import { find, make } from "./dom.js";

export async function ribbon(presentation) {
  if (!(await presentation.begin())) return;
  const { text } = presentation.message.data;
  const close = make("button", { type: "button", ariaLabel: "Close", textContent: "×" });
  const drawn = make("p", { className: "ribbon", role: "status" }, make("span", { textContent: text }), close);
  close.addEventListener("click", () => {
    presentation.dismiss();
    drawn.remove();
  });
  (find("deals") ?? find("main")).prepend(drawn);
  setTimeout(() => drawn.isConnected && presentation.visible(), 1_000);
}
