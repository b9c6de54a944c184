// One campaign for each layout, set off by `cue("manual", name)`, and every block among them; in English and in Arabic.

const button = (id, label, rest = {}) => ({ button: { id, label, role: "secondary", actions: ["dismiss"], stay: false, ...rest } });
const both = (heading, text) => [{ heading: { $t: heading } }, { text: { $t: text } }];

const MESSAGES = {
  modal: {
    layout: "modal",
    pages: [[
      { image: { src: "/picture.svg", alt: { $t: "picture" } } },
      ...both("title", "rich"),
      { list: { items: [{ $t: "one" }, { $t: "two" }], ordered: false } },
      { divider: {} },
      { progress: { value: 400, max: 1000, label: { $t: "progress" } } },
      { spacer: { size: 16 } },
      button("go", { $t: "go" }, { role: "primary" }),
      button("later", { $t: "later" }),
    ]],
  },
  form: {
    layout: "modal",
    pages: [
      {
        id: "ask",
        blocks: [
          { heading: { $t: "form" } },
          { field: { kind: "nps", name: "score", label: { $t: "nps" }, required: true } },
          { field: { kind: "rating", name: "stars", label: { $t: "rating" }, max: 5 } },
          { field: { kind: "single", name: "why", label: { $t: "why" }, options: [{ value: "price", label: { $t: "one" } }, { value: "else", label: { $t: "two" } }], other: true } },
          { field: { kind: "multi", name: "used", label: { $t: "many" }, required: true, options: [{ value: 1, label: { $t: "one" } }, { value: 2, label: { $t: "two" } }] } },
          { field: { kind: "text", name: "words", label: { $t: "words" }, hint: { $t: "hint" } } },
          { field: { kind: "email", name: "mail", label: { $t: "mail" } } },
          button("send", { $t: "go" }, { role: "primary", actions: [{ submit: { event: "answered" } }, "next"], stay: true }),
        ],
        next: [{ where: { score: { $gte: 9 } }, page: "glad" }, { page: "thanks" }],
      },
      { id: "thanks", blocks: [{ heading: { $t: "thanks" } }, button("done", { $t: "later" })] },
      { id: "glad", blocks: [{ heading: { $t: "glad" } }, button("back", { $t: "two" }, { actions: ["previous"], stay: true }), button("done", { $t: "later" })] },
    ],
  },
  preferences: {
    layout: "modal",
    pages: [[
      { heading: { $t: "choices" } },
      { preference: { label: { $t: "one" }, consent: "messaging" } },
      { preference: { label: { $t: "two" }, consent: "analytics" } },
      { preference: { label: { $t: "go" }, attribute: "news", on: true, off: false } },
      button("done", { $t: "later" }, { role: "primary" }),
    ]],
  },
  fullscreen: { layout: "fullscreen", pages: [[{ image: { src: "/picture.svg", alt: "" } }, ...both("title", "rich"), button("go", { $t: "go" }, { role: "primary" })]] },
  top: { layout: "banner", position: "top", pages: [[...both("title", "rich"), button("go", { $t: "go" }, { role: "primary" })]] },
  bottom: { layout: "banner", position: "bottom", pages: [[...both("title", "rich"), button("go", { $t: "go" })]] },
  toast: { layout: "toast", pages: [[{ text: { $t: "rich" } }, button("go", { $t: "go" })]] },
  tooltip: { layout: "tooltip", anchor: "#anchor", pages: [[{ text: { $t: "rich" } }, button("go", { $t: "go" })]] },
  lost: { layout: "tooltip", anchor: "#late", pages: [[{ text: { $t: "rich" } }]] },
  inline: { layout: "inline", pages: [[{ heading: { $t: "title" } }, { progress: { value: 4, max: 10, label: { $t: "progress" } } }, button("go", { $t: "go" })]] },
  card: { layout: "card", pages: [[...both("title", "rich"), button("go", { $t: "go" }, { role: "primary", actions: [{ deep_link: "shop://card" }] })]] },
  pinned: { layout: "card", pages: [[{ image: { src: "/picture.svg", alt: "" } }, ...both("glad", "rich")]] },
  custom: { layout: "custom", data: { colour: "sunset", text: { $t: "title" } } },
};

const EN = {
  title: "Delivery is on us", rich: [{ text: "Keep your cart until " }, { text: "midnight", bold: true }, { text: ". " }, { text: "Terms", link: "https://example.com/terms" }],
  picture: "A parcel", one: "Within two days", two: "To your door", progress: "400 of 1000 points", go: "Add it", later: "Not now",
  form: "How are we doing?", nps: "Would you recommend us?", rating: "How was the delivery?", why: "Why?", many: "What did you use?", words: "In a few words", hint: "Anything goes", mail: "Your email",
  thanks: "Thank you", glad: "That is good to hear", choices: "Your choices",
};
const AR = {
  title: "التوصيل مجاني", rich: [{ text: "احتفظ بسلتك حتى " }, { text: "منتصف الليل", bold: true }, { text: ". " }, { text: "الشروط", link: "https://example.com/terms" }],
  picture: "طرد", one: "خلال يومين", two: "إلى بابك", progress: "٤٠٠ من ١٠٠٠ نقطة", go: "أضفه", later: "ليس الآن",
  form: "ما رأيك؟", nps: "هل توصي بنا؟", rating: "كيف كان التوصيل؟", why: "لماذا؟", many: "ماذا استخدمت؟", words: "ببضع كلمات", hint: "أي شيء", mail: "بريدك",
  thanks: "شكرا", glad: "يسعدنا ذلك", choices: "اختياراتك",
};

export const LAYOUTS = ["modal", "form", "preferences", "fullscreen", "top", "bottom", "toast", "tooltip", "inline", "card", "pinned"];

export function gallery(change = (document) => document) {
  const campaign = (name) => ({
    id: name, channel: ["card", "pinned"].includes(name) ? ["inbox"] : ["in_browser"], trigger: { event: "$cue", where: { cue: "manual", value: name } },
    limit: { times: 0 }, transactional: true, message: name,
    ...(name === "inline" && { placement: "hero" }), ...(name === "pinned" && { card: { pin: true } }),
  });
  return change({
    spec: 1, id: "gallery", revision: 1,
    locales: { default: "en", also: ["ar"] },
    settings: { interval: "0ms" },
    plan: { mode: "open", events: { answered: {} }, attributes: { news: { type: "bool", purpose: ["messaging"] } } },
    campaigns: Object.keys(MESSAGES).map(campaign),
    messages: structuredClone(MESSAGES),
    text: { en: EN, ar: AR },
  });
}
