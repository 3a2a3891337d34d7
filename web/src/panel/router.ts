import { useEffect, useState } from 'preact/hooks'

/** Where the admin is. All of it stands in the address, so that a filtered list can be kept, sent and gone back to. */
export interface Place {
  /** A name like `payments` or `person`; '' = the first page. */
  page: string
  id: string
  filters: URLSearchParams
}

const listeners = new Set<() => void>()
window.addEventListener('popstate', () => {
  for (const listener of listeners) listener()
})

export function here(): Place {
  const [, page = '', id = ''] = /^\/panel(?:\/([\w-]+))?(?:\/([^/]+))?/.exec(location.pathname) ?? []
  return { page, id: decodeURIComponent(id), filters: new URLSearchParams(location.search) }
}

export const addressOf = (place: string): string => (place === '' ? '/panel' : `/panel/${place}`)

/** @param place for example `payments?state=open` or `person/17` */
export function go(place: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', addressOf(place))
  else history.pushState(null, '', addressOf(place))
  for (const listener of listeners) listener()
  if (!replace) window.scrollTo(0, 0)
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const look = () => setPlace(here())
    listeners.add(look)
    return () => void listeners.delete(look)
  }, [])
  return place
}
