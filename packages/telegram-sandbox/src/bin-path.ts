import { fileURLToPath } from 'node:url'

/** The program, which stands beside this file in the sources and in what is published. */
export const binPath = () => fileURLToPath(new URL(`bin${import.meta.url.slice(-3)}`, import.meta.url))
