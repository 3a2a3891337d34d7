/** A readable name of the browser and system in a user agent. */
export function browserName(agent: string): string {
  const browser =
    /(Firefox|OPR|YaBrowser|Edg|SamsungBrowser|Chrome)\/(\d+)/.exec(agent)?.slice(1, 3) ??
    /(?:Version\/(\d+)\S* .*)?(Safari)\//.exec(agent)?.slice(1, 3).toReversed()
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)/.exec(agent)?.[1]
  const [name, version] = browser ?? []
  const known = name === 'OPR' ? 'Opera' : name === 'Edg' ? 'Edge' : name === 'YaBrowser' ? 'Yandex' : name
  return [[known, version].filter(Boolean).join(' '), system].filter(Boolean).join(', ') || '?'
}
