import { api } from './api.js'
import { emit } from './bus.js'

/** Runs a switch of the product and tells the page. @returns {Promise<{text?: {en, ru}}>} */
export async function runControl(id) {
  const answer = await api.runControl(id)
  emit('control', { id })
  return answer
}
