// A message in the hands of a component under test, without an engine.

import type { Answers, Words } from "../engine/api.js";
import type { Block, Message } from "../message.js";
import type { Presentation } from "../types.js";

const WORDS: Words = {
  close: "Close", back: "Back", next: "Next", send: "Send", required: "Required", email: "Enter an email address", other: "Other", unread: "Unread",
  pinned: "Pinned", inbox: "Inbox", empty: "Nothing here yet", remove: "Remove",
};

/** What a component said of it, in order: `["begin"]`, `["click", "go", {…}]`. */
export type Said = [what: "begin" | "visible" | "click" | "page" | "dismiss" | "ended", target?: string, answers?: Answers];

/** A presentation of what is given; the rest is filled in. `said` is what became of it. */
export function presentation(message: Partial<Message> & { blocks?: Block[] }, about: Partial<Presentation> = {}): Presentation & { said: Said[] } {
  const { blocks = [], ...rest } = message;
  const whole: Message = { layout: "modal", lang: "en", dir: "ltr", pages: [{ id: "1", blocks }], ...rest };
  const said: Said[] = [];
  const say = (...one: Said) => void said.push(one);
  return {
    id: "test", campaign: "test", variant: undefined, channel: "in_browser", placement: undefined, resumed: false, words: WORDS, ...about,
    message: whole, said,
    begin: () => (say("begin"), Promise.resolve(true)),
    visible: () => say("visible"),
    click: (target, answers) => say("click", target, answers),
    page: (page, answers) => say("page", page, answers),
    next: (page) => Promise.resolve(whole.pages[whole.pages.findIndex(({ id }) => id === page) + 1]?.id),
    dismiss: () => say("dismiss"),
    ended: (cause) => say("ended", cause),
  };
}
