/** Makes a draft's number when a page is drawn, so that a second press of the page's key is the same payment or form. */
export const newDraft = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('')
