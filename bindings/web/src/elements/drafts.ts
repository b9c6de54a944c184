// Answers that are not handed in yet, and the page that a person came to: they survive a reload, in this tab alone, and
// nothing of them is recorded (engine.md 8.4).

import type { Answers } from "../engine/api.js";

export interface Draft {
  answers: Answers;
  page: number;
  passed: number[];
}

const key = (presentation: string) => `hearken:draft:${presentation}`;

export function keepDraft(presentation: string, draft: Draft): void {
  try {
    sessionStorage.setItem(key(presentation), JSON.stringify(draft));
  } catch {
    // Denied or full: a reload begins anew.
  }
}

export function takeDraft(presentation: string): Draft | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key(presentation)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function dropDraft(presentation: string): void {
  try {
    sessionStorage.removeItem(key(presentation));
  } catch {
    // There is none then.
  }
}
