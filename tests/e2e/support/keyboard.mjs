// The gallery as somebody meets it who has nothing but a keyboard, in any engine.
import { until } from "./browser.mjs";

export class Keyboard {
  constructor(tab) {
    this.tab = tab;
  }

  static async open(browser, url, query) {
    const keyboard = new Keyboard(await browser.tab(`${url}/gallery.html?${new URLSearchParams(query)}`));
    await until("the client is open", () => keyboard.eval(() => window.t?.ready === true));
    return keyboard;
  }

  eval(run, ...given) {
    return this.tab.eval(run, ...given);
  }

  /** Sets a layout off and waits until it stands. */
  async show(name) {
    await this.eval((name) => t.client.cue("manual", name), name);
    await until(`${name} stands`, () => this.eval(() => Boolean(t.frame()) && t.frame().getAnimations().length === 0));
  }

  stands() {
    return this.eval(() => Boolean(t.frame()));
  }

  gone() {
    return until("it is gone", async () => !(await this.stands()));
  }

  focused() {
    return this.eval(() => t.focused());
  }

  async press(...keys) {
    for (const key of keys) await this.tab.press(key);
  }

  async type(text) {
    for (const key of text) await this.tab.press(key);
  }

  /** Presses Tab, and says what has the focus now; `undefined` where the browser's own controls have it. */
  async next(key = "Tab") {
    await this.press(key);
    const name = await this.focused();
    return name.startsWith("body") ? undefined : name;
  }

  /** Everything that Tab comes to from here on, until it comes round: at most `most` controls. */
  async walk(most = 30) {
    const met = [];
    for (let n = 0; n < most; n++) {
      const name = await this.next();
      // Firefox goes on to its own toolbars, and the page goes on saying what it had last.
      if (name === undefined || name === met.at(-1)) continue;
      if (name === met[0]) break;
      met.push(name);
    }
    return met;
  }

  /** Goes on with Tab until a control has the focus. */
  async to(name, most = 40) {
    for (let n = 0; n < most; n++) if ((await this.next()) === name) return;
    throw new Error(`Tab never comes to ${name}; it stands at ${await this.focused()}`);
  }

  /** What was recorded of some kinds, as `kind` and what matters of it. */
  async kinds(...wanted) {
    await this.eval(() => t.client.flush());
    const lines = await this.eval(() => t.lines());
    return lines.filter(({ type }) => wanted.includes(type)).map(({ type, data }) => [type, data.target ?? data.cause].filter(Boolean).join(" "));
  }

  close() {
    return this.tab.close();
  }
}
