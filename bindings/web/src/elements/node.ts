// Elements and their texts: no markup is ever parsed, no attribute carries code or style.

import type { Text } from "../message.js";

/** Holders that are nobody's to style. */
const BARE = ["page", "corner", "question", "choices"];

/** An element whose class is also its `::part`. */
export function node(tag: string, name: string, text: Text = ""): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  if (!BARE.includes(name)) element.part.add(name);
  element.append(...(typeof text === "string" ? [text] : text.map(inline)));
  return element;
}

/** A control with its name beside it. */
export function labelled(label: string, control: HTMLElement): HTMLElement {
  const holder = node("label", "label");
  const name = document.createElement("span");
  name.textContent = label;
  holder.append(name, control);
  return holder;
}

/** A button that is only a sign. */
export function sign(name: string, label: string, path: string, press: () => void): HTMLButtonElement {
  const button = node("button", name) as HTMLButtonElement;
  button.type = "button";
  button.ariaLabel = label;
  button.append(drawing(path));
  button.addEventListener("click", press);
  return button;
}

export function drawing(path: string): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** What a text says, without its form. */
export function plain(text: Text): string {
  return typeof text === "string" ? text : text.map((part) => (part.break ? " " : (part.text ?? ""))).join("");
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
