import { addWords } from './words.js'

/**
 * What the makers of a bot add to the page: their module exports `extra` with any of these. Without a module each of them is
 * as here.
 */
export const extra = {
  /** Further texts by language, `{en: {...}, ru: {...}}`; a name that the page has already gets this text. */
  words: {},
  /** Called once, when the page is ready. */
  start() {},
  /** The tabs beside the chat: name to `{title, panel}`, where `panel(detail)` makes `{element, stop}`. */
  tabs: (own) => own,
  /** Steps of an update's path between its arrival and the calls to Telegram: `[{title, state, words}]`. */
  stations: () => [],
  /** What is kept with an update, and read anew at each event `numbers`. */
  numbers: () => undefined,
  /** More to break: `{row, element, look(), reset()}`; `look` asks how things stand and resolves to what shows it. */
  faultParts: () => undefined,
  /** The address from which a Mini App is loaded, whose signed address this is. */
  miniApp: (signed) => signed.href,
}

/** @param address of the module, from the server's config; undefined = nothing is added */
export async function loadExtra(address) {
  if (!address) return
  Object.assign(extra, (await import(new URL(address, document.baseURI).href)).extra)
  addWords(extra.words)
}
