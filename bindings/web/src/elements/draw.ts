// A message as DOM nodes: no markup is ever parsed, no attribute carries code or style.

import type { Block, Button, Message } from "../message.js";
import { close } from "./words.js";

/** What a person can do with what is drawn. */
export interface Hands {
  click(button: Button): void;
  dismiss(): void;
}

/** The insides of the dialog: a way out first, then the blocks in the order of focus. */
export function draw(message: Message, images: Map<string, HTMLImageElement>, locale: string, hands: Hands): Node[] {
  const page = node("div", "page");
  // One page is all that this version draws; further ones need actions that no playbook of it can name.
  for (const block of message.pages[0] ?? []) page.append(drawBlock(block, images, hands));
  return [corner(locale, hands), page];
}

function drawBlock(block: Block, images: Map<string, HTMLImageElement>, hands: Hands): Node {
  if ("image" in block) {
    const image = images.get(block.image.src) ?? document.createElement("img");
    image.className = "image";
    image.part.add("image");
    image.alt = block.image.alt;
    return image;
  }
  if ("heading" in block) return text(node("h2", "heading"), block.heading);
  if ("text" in block) return text(node("p", "text"), block.text);
  const { button } = block;
  const drawn = text(node("button", "button"), button.label) as HTMLButtonElement;
  drawn.type = "button";
  if (button.role === "primary") {
    drawn.classList.add("primary");
    drawn.part.add("primary");
  }
  drawn.addEventListener("click", () => hands.click(button));
  return drawn;
}

function corner(locale: string, hands: Hands): Node {
  const holder = document.createElement("div");
  holder.className = "corner";
  const button = node("button", "close") as HTMLButtonElement;
  button.type = "button";
  button.setAttribute("aria-label", close(locale));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const cross = document.createElementNS("http://www.w3.org/2000/svg", "path");
  cross.setAttribute("d", "M4 4 16 16M16 4 4 16");
  svg.append(cross);
  button.append(svg);
  button.addEventListener("click", () => hands.dismiss());
  holder.append(button);
  return holder;
}

/** An element whose class is also its `::part`. */
function node(tag: string, name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  if (name !== "page") element.part.add(name);
  return element;
}

function text(element: HTMLElement, content: string): HTMLElement {
  element.textContent = content;
  return element;
}
