// Questions as native controls. What is wrong is said beside the question, in the message's language.

import type { Answers, Json, Words } from "../engine/api.js";
import type { Field } from "../message.js";
import { labelled, node } from "./node.js";

/** What a page knows of a question. */
export interface Asked {
  words: Words;
  /** The answers so far: drawn in, and written as the person gives them. */
  answers: Answers;
  /** An answer changed. */
  answered(): void;
  /** Each says what is wrong with its question, if something is, and where to begin. */
  checks: (() => HTMLElement | undefined)[];
}

let made = 0;

export function drawField(field: Field, asked: Asked): HTMLElement {
  const holder = node("div", "question");
  const drawn = ["text", "email"].includes(field.kind) ? drawText(field, asked) : drawChoice(field, asked);
  const error = node("p", "error");
  error.id = `hearken-${++made}`;
  error.hidden = true;
  holder.append(drawn.element, error);
  asked.checks.push(() => {
    const wrong = drawn.wrong();
    error.hidden = !wrong;
    error.textContent = wrong ?? "";
    drawn.told.ariaInvalid = wrong ? "true" : "false";
    if (wrong) drawn.told.setAttribute("aria-describedby", error.id);
    else drawn.told.removeAttribute("aria-describedby");
    return wrong ? drawn.first() : undefined;
  });
  return holder;
}

interface Drawn {
  element: HTMLElement;
  /** What a screen reader is told of the error on. */
  told: HTMLElement;
  first(): HTMLElement;
  wrong(): string | undefined;
}

function drawText({ kind, name, label, required = false, hint }: Field, { answers, words, answered }: Asked): Drawn {
  const input = document.createElement(kind === "text" ? "textarea" : "input");
  if (input instanceof HTMLInputElement) {
    input.type = "email";
    input.autocomplete = "email";
  }
  input.className = "input";
  input.part.add("input");
  Object.assign(input, { name, required, placeholder: hint ?? "", value: String(answers[name] ?? "") });
  input.addEventListener("input", () => {
    answer(answers, name, input.value.trim() || undefined);
    answered();
  });
  const wrong = () => (required && !input.value.trim() ? words.required : input.value && !input.checkValidity() ? words.email : undefined);
  return { element: labelled(label, input), told: input, first: () => input, wrong };
}

function drawChoice(field: Field, { answers, words, answered }: Asked): Drawn {
  const { kind, name, label, required = false, hint } = field;
  const many = kind === "multi";
  const scale = kind === "nps" || kind === "rating";
  const group = node("fieldset", "field");
  group.classList.toggle("scale", scale);
  if (!many) group.role = "radiogroup";
  if (required && !many) group.ariaRequired = "true";
  group.append(node("legend", "label", label));
  const choices = node("div", "choices");
  group.append(choices);
  const before = answers[name];
  const chosen = new Set(many ? ((before as Json[] | undefined) ?? []) : before === undefined ? [] : [before]);
  const inputs: HTMLInputElement[] = [];
  const add = (value: () => Json | undefined, text: string, picked: boolean) => {
    const input = document.createElement("input");
    Object.assign(input, { type: many ? "checkbox" : "radio", name, checked: picked });
    let last: Json | undefined = picked ? value() : undefined;
    const take = () => {
      if (!many) chosen.clear();
      else if (last !== undefined) chosen.delete(last);
      last = input.checked ? value() : undefined;
      if (last !== undefined) chosen.add(last);
      answer(answers, name, many ? (chosen.size ? [...chosen] : undefined) : [...chosen][0]);
      answered();
    };
    input.addEventListener("change", take);
    inputs.push(input);
    choices.append(labelled(text, input));
    return { input, take };
  };
  const lowest = kind === "nps" ? 0 : 1;
  const steps = Math.min(20, Math.max(1, kind === "nps" ? 11 : Number(field.max ?? 5) || 5));
  const options = scale ? Array.from({ length: steps }, (_, n) => ({ value: n + lowest, label: `${n + lowest}` })) : (field.options ?? []);
  for (const option of options) add(() => option.value, option.label, chosen.has(option.value));
  if (field.other) {
    const own = [...chosen].find((value) => !options.some((option) => option.value === value));
    const text = document.createElement("input");
    text.className = "input";
    text.value = String(own ?? "");
    text.ariaLabel = words.other;
    const { input, take } = add(() => text.value.trim() || undefined, words.other, own !== undefined);
    text.addEventListener("input", () => {
      input.checked = true;
      take();
    });
    choices.append(text);
  }
  if (hint) group.append(node("small", "hint", hint));
  const wrong = () => (required && chosen.size === 0 ? words.required : undefined);
  return { element: group, told: group, first: () => inputs.find((input) => input.checked) ?? (inputs[0] as HTMLElement), wrong };
}

function answer(answers: Answers, name: string, value: Json | undefined): void {
  if (value === undefined) delete answers[name];
  else answers[name] = value;
}
