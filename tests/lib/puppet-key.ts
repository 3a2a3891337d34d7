/** The key that seals the jobs which tests put on the queue for puppets. */
export const PUPPET_KEY = Buffer.alloc(32, 5).toString('base64')
