/** An import of the module would load WebCrypto as well, which nothing here needs. */
export const { createHash, createHmac, randomBytes, randomInt, X509Certificate } =
  process.getBuiltinModule('node:crypto')
