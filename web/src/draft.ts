/** A draft's number: made when a page is drawn, so that a second press of its key is the same payment or form. */
export const newDraft = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('')
