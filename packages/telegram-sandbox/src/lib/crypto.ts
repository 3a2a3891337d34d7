/** An import of the module would load WebCrypto as well, which nothing here needs. */
export const { createHash, createHmac, randomBytes, randomInt } = process.getBuiltinModule('node:crypto')
