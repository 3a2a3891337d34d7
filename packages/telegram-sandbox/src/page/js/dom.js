/**
 * Builds an element. Strings become text nodes, so whatever a person or a bot wrote can never turn into markup.
 * Keys that start with "on" are listeners, the rest are attributes; false, null and undefined leave one out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(
    ...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false),
  )
  return element
}

export function replaceChildren(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(Boolean))
}

/** Only web and tg links leave the page. @returns {string | undefined} */
export function safeUrl(text) {
  let address = text
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) address = `https://${text}`
  try {
    const url = new URL(address)
    return ['http:', 'https:', 'tg:'].includes(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}

export function openTab(url) {
  const safe = safeUrl(url)
  if (safe) window.open(safe, '_blank', 'noopener,noreferrer')
  return Boolean(safe)
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = h('textarea', { style: 'position:fixed;opacity:0' })
    field.value = text
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}
