const target = new EventTarget()

/** Tells every listener of `name`. Names: chat, message, edit, delete, callback, action, keyboard, payment, lanes, people, faults, numbers, light, show, control, connection, keys, facts. */
export function emit(name, detail = {}) {
  target.dispatchEvent(new CustomEvent(name, { detail }))
}

/** @returns a function that stops listening */
export function on(names, listener) {
  const handler = (event) => listener(event.detail, event.type)
  for (const name of [names].flat()) target.addEventListener(name, handler)
  return () => {
    for (const name of [names].flat()) target.removeEventListener(name, handler)
  }
}
