// A page of a message as DOM nodes: no markup is ever parsed, no attribute carries code or style.

import type { Answers, Json, Words } from "../engine/api.js";
import type { Block, Button, Field, Page, Text } from "../message.js";

/** What a person can do with what is drawn, and what is known. */
export interface Hands {
  images: Map<string, HTMLImageElement>;
  words: Words;
  /** The answers so far: drawn in, and written as the person gives them. */
  answers: Answers;
  click(button: Button): void;
  dismiss(): void;
}

/** A page, its blocks in the order of focus. With fields it is a form: the browser checks them and says what is missing. */
export function drawPage({ blocks }: Page, hands: Hands): HTMLElement {
  const asks = blocks.some((block) => typeof block === "object" && "field" in block);
  const page = node(asks ? "form" : "div", "page");
  page.append(...blocks.flatMap((block) => drawBlock(block, hands) ?? []));
  page.addEventListener("submit", (event) => {
    // Enter in a field: what the first button would do.
    event.preventDefault();
    page.querySelector<HTMLButtonElement>(".button")?.click();
  });
  return page;
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
  if ("spacer" in block) return node("div", "spacer");
  if ("list" in block) {
    const list = node(block.list.ordered ? "ol" : "ul", "list");
    list.append(...block.list.items.map((item) => node("li", "text", item)));
    return list;
  }
  if ("progress" in block) {
    const { value, max = 100, label = "" } = block.progress;
    const bar = node("progress", "progress") as HTMLProgressElement;
    bar.max = Number(max);
    bar.value = Number(value);
    return labelled(label, bar);
  }
  if ("field" in block) return drawField(block.field, hands);
  return "button" in block ? drawButton(block.button, hands) : undefined;
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

function drawField(field: Field, hands: Hands): HTMLElement {
  const { kind, name, label, required = false, hint } = field;
  const { answers, words } = hands;
  if (kind === "text" || kind === "email") {
    const input = document.createElement(kind === "text" ? "textarea" : "input");
    if (input instanceof HTMLInputElement) {
      input.type = kind;
      input.autocomplete = "email";
    }
    Object.assign(input, { name, required, placeholder: hint ?? "", value: String(answers[name] ?? "") });
    input.addEventListener("input", () => answer(answers, name, input.value.trim() || undefined));
    return labelled(label, input);
  }
  const group = node("fieldset", "field");
  group.append(node("legend", "label", label));
  const many = kind === "multi";
  const chosen = new Set(many ? ((answers[name] as Json[]) ?? []) : name in answers ? [answers[name] as Json] : []);
  const inputs: HTMLInputElement[] = [];
  const given = () => {
    answer(answers, name, many ? (chosen.size ? [...chosen] : undefined) : [...chosen][0]);
    // Of check boxes a browser cannot ask for one of several.
    if (many && required) inputs[0]?.setCustomValidity(chosen.size ? "" : words.required);
  };
  const add = (value: () => Json | undefined, text: string, picked: boolean) => {
    const input = document.createElement("input");
    Object.assign(input, { type: many ? "checkbox" : "radio", name, required: required && !many, checked: picked });
    let last: Json | undefined = picked ? value() : undefined;
    const take = () => {
      if (!many) chosen.clear();
      else if (last !== undefined) chosen.delete(last);
      last = input.checked ? value() : undefined;
      if (last !== undefined) chosen.add(last);
      given();
    };
    input.addEventListener("change", take);
    inputs.push(input);
    group.append(labelled(text, input));
    return { input, take };
  };
  const scale = kind === "nps" ? 0 : 1;
  const options =
    kind === "nps" || kind === "rating"
      ? Array.from({ length: (kind === "nps" ? 10 : Number(field.max ?? 5)) + 1 - scale }, (_, n) => ({ value: n + scale, label: `${n + scale}` }))
      : (field.options ?? []);
  for (const option of options) add(() => option.value, option.label, chosen.has(option.value));
  if (field.other) {
    const own = [...chosen].find((value) => !options.some((option) => option.value === value));
    const text = document.createElement("input");
    text.value = String(own ?? "");
    text.setAttribute("aria-label", words.other);
    const { input, take } = add(() => text.value.trim() || undefined, words.other, own !== undefined);
    text.addEventListener("input", () => {
      input.checked = true;
      take();
    });
    group.append(text);
  }
  given();
  if (hint) group.append(node("small", "hint", hint));
  return group;
}

function answer(answers: Answers, name: string, value: Json | undefined): void {
  if (value === undefined) delete answers[name];
  else answers[name] = value;
}

/** A control with its name beside it. */
function labelled(label: string, control: HTMLElement): HTMLElement {
  const holder = node("label", "label", label);
  holder.append(control);
  return holder;
}

/** The way out. */
export function drawClose({ words, dismiss }: Hands): HTMLElement {
  const holder = node("div", "corner");
  const button = node("button", "close") as HTMLButtonElement;
  button.type = "button";
  button.setAttribute("aria-label", words.close);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const cross = document.createElementNS("http://www.w3.org/2000/svg", "path");
  cross.setAttribute("d", "M4 4 16 16M16 4 4 16");
  svg.append(cross);
  button.append(svg);
  button.addEventListener("click", () => dismiss());
  holder.append(button);
  return holder;
}

/** An element whose class is also its `::part`. */
function node(tag: string, name: string, text: Text = ""): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  if (name !== "page" && name !== "corner") element.part.add(name);
  element.append(...(typeof text === "string" ? [text] : text.map(inline)));
  return element;
}

function inline({ text = "", bold, italic, link, break: line }: Exclude<Text, string>[number]): Node {
  if (line) return document.createElement("br");
  let drawn: Node = document.createTextNode(text);
  const wrap = (tag: string) => {
    const element = document.createElement(tag);
    element.append(drawn);
    return (drawn = element);
  };
  if (italic) wrap("em");
  if (bold) wrap("strong");
  const url = link === undefined ? undefined : safe(link);
  if (url) Object.assign(wrap("a"), { href: url, target: "_blank", rel: "noopener" });
  return drawn;
}

/** Checked again, whatever the playbook says: a link leads to a page, and runs nothing. */
function safe(link: string): string | undefined {
  try {
    const url = new URL(link, document.baseURI);
    return url.protocol === "https:" || url.origin === location.origin ? url.href : undefined;
  } catch {
    return undefined;
  }
}
