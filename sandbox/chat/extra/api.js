import { api as own, request } from '../js/api.js'

/** The calls that the shop's own server (sandbox/chat/server.ts) adds to those of the page. */
export const api = {
  ...own,
  product: () => request('GET', 'product'),
  runControl: (id) => request('POST', `controls/${encodeURIComponent(id)}`, {}),
  mishaps: () => request('GET', 'mishaps'),
  setMishap: (id, on) => request('POST', `mishaps/${encodeURIComponent(id)}`, { on }),
  endMishaps: () => request('DELETE', 'mishaps'),
  setSpeed: (factor) => request('POST', 'speed', { factor }),
  crowd: (bot, count) => request('POST', 'crowd', { bot, count }),
}
