// Pictures are loaded before `displaying` (engine.md 8.3): what cannot be drawn whole is not begun.

import type { Message } from "../message.js";

/** An undrawn offer is taken back after 60 s; a picture gets less. */
const PATIENCE = 15_000;

/** Every picture of a message, decoded. Rejects with the address that failed. */
export async function loadImages(message: Message): Promise<Map<string, HTMLImageElement>> {
  const sources = new Set(message.pages.flatMap(({ blocks }) => blocks.flatMap((block) => (typeof block === "object" && "image" in block ? [block.image.src] : []))));
  const loaded = [...sources].map(async (src) => [src, await load(src)] as const);
  return new Map(await Promise.all(loaded));
}

async function load(src: string): Promise<HTMLImageElement> {
  const image = document.createElement("img");
  image.src = src;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${src}: no answer`)), PATIENCE);
  });
  try {
    await Promise.race([image.decode(), late]);
    return image;
  } catch (cause) {
    throw new Error(`the picture ${src} cannot be drawn`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
