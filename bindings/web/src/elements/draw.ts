// A page of a message as DOM nodes.

import type { Person } from "../engine/api.js";
import type { Block, Button, Page, Preference } from "../message.js";
import { drawField, type Asked } from "./field.js";
import { labelled, node, sign } from "./node.js";

/** What a person can do with what is drawn, and what is known. */
export interface Hands extends Asked {
  images: Map<string, HTMLImageElement>;
  /** Who is here: only a preference centre asks. */
  person: Person | undefined;
  click(button: Button): void;
  dismiss(): void;
  prefer(preference: Preference, on: boolean): void;
}

const CROSS = "M4 4 16 16M16 4 4 16";

/** A page, its blocks in the order of focus. With fields it is a form. */
export function drawPage({ blocks }: Page, hands: Hands): HTMLElement {
  const asks = blocks.some((block) => typeof block === "object" && "field" in block);
  const page = node(asks ? "form" : "div", "page");
  hands.checks.length = 0;
  page.append(...blocks.flatMap((block) => drawBlock(block, hands) ?? []));
  if (!asks) return page;
  (page as HTMLFormElement).noValidate = true;
  page.addEventListener("submit", (event) => {
    // Enter in a field: what the first button would do.
    event.preventDefault();
    page.querySelector<HTMLButtonElement>(".button")?.click();
  });
  // Enter submits only where there is a button that does.
  const submit = document.createElement("button");
  submit.hidden = true;
  page.append(submit);
  return page;
}

/** The first control that is not answered as asked gets the focus. */
export function isAnswered({ checks }: Hands): boolean {
  const wrong = checks.flatMap((check) => check() ?? []);
  wrong[0]?.focus();
  return wrong.length === 0;
}

/** The way out. */
export function drawClose({ words, dismiss }: Hands): HTMLElement {
  const holder = node("div", "corner");
  holder.append(sign("close", words.close, CROSS, dismiss));
  return holder;
}

function drawBlock(block: Block, hands: Hands): Node | undefined {
  if (block === "divider" || block === "spacer") return drawBlock({ [block]: {} } as Block, hands);
  if ("image" in block) {
    const image = hands.images.get(block.image.src) ?? document.createElement("img");
    image.className = "image";
    image.part.add("image");
    image.alt = block.image.alt;
    return image;
  }
  if ("heading" in block) return node("h2", "heading", block.heading);
  if ("text" in block) return node("p", "text", block.text);
  if ("divider" in block) return node("hr", "divider");
  if ("spacer" in block) return spacer(block.spacer.size);
  if ("list" in block) {
    const list = node(block.list.ordered ? "ol" : "ul", "list");
    list.append(...block.list.items.map((item) => node("li", "text", item)));
    return list;
  }
  if ("progress" in block) return progress(block.progress);
  if ("field" in block) return drawField(block.field, hands);
  if ("preference" in block) return preference(block.preference, hands);
  return "button" in block ? drawButton(block.button, hands) : undefined;
}

/** A height without a style: steps of 8 px. */
function spacer(size = 8): HTMLElement {
  const space = node("div", "spacer");
  space.dataset["size"] = String(Math.min(8, Math.max(1, Math.round(Number(size) / 8) || 1)));
  return space;
}

function progress({ value, max = 100, label = "" }: { value: number; max?: number; label?: string }): HTMLElement {
  const bar = node("progress", "progress") as HTMLProgressElement;
  const finite = (number: number, otherwise: number) => (Number.isFinite(Number(number)) ? Number(number) : otherwise);
  bar.max = finite(max, 100);
  bar.value = finite(value, 0);
  return labelled(label, bar);
}

function preference(preference: Preference, { person, prefer }: Hands): HTMLElement {
  const input = document.createElement("input");
  input.type = "checkbox";
  input.role = "switch";
  input.className = "switch";
  input.part.add("switch");
  const { consent, attribute, on = true } = preference;
  input.checked = consent ? Boolean(person?.consent.includes(consent)) : attribute !== undefined && person?.attributes?.[attribute] === on;
  input.addEventListener("change", () => prefer(preference, input.checked));
  const holder = labelled(preference.label, input);
  holder.classList.add("preference");
  return holder;
}

function drawButton(button: Button, hands: Hands): HTMLElement {
  const drawn = node("button", "button", button.label) as HTMLButtonElement;
  drawn.type = "button";
  if (button.role === "primary") {
    drawn.classList.add("primary");
    drawn.part.add("primary");
  }
  drawn.addEventListener("click", () => hands.click(button));
  return drawn;
}
