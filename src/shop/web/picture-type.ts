const SIGNS: readonly [type: string, sign: RegExp][] = [
  ['image/png', /^\x89PNG/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/webp', /^RIFF....WEBP/s],
]

/** @returns the type of a picture that a page can show, by its first bytes; undefined for anything else */
export function pictureType(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 12).toString('latin1')
  return SIGNS.find(([, sign]) => sign.test(start))?.[0]
}
