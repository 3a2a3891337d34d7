import { useEffect, useState } from 'preact/hooks'
import { getFile } from './api.ts'
import { words } from './words.ts'

/** Addresses of pictures that were shown, so that going back does not fetch them again. */
const seen = new Map<string, string>()

export async function shotAt(path: string): Promise<string> {
  const address = seen.get(path) ?? (await getFile(path))
  seen.set(path, address)
  return address
}

export const pathOfShot = (id: string): string => `/pictures/${id}/file`

/** A picture of the person's. The shop shows it only to this person, so a copied address shows nothing to others. */
export function Shot({ id, alt, kind }: { id: string; alt: string; kind?: string }) {
  return (
    <Seen
      path={pathOfShot(id)}
      alt={alt}
      {...(kind !== undefined && { kind })}
      failed={words().pictureGone}
    />
  )
}

/** @param failed what stands there instead; '' = nothing */
export function Seen({
  path,
  alt,
  kind,
  failed = '',
}: {
  path: string
  alt: string
  kind?: string
  failed?: string
}) {
  const [address, setAddress] = useState(seen.get(path))
  const [hasFailed, setFailed] = useState(false)
  useEffect(() => {
    let here = true
    shotAt(path).then(
      (found) => here && setAddress(found),
      () => here && setFailed(true),
    )
    return () => {
      here = false
    }
  }, [path])
  if (hasFailed) return failed === '' ? null : <small class={kind}>{failed}</small>
  return address ? (
    <img class={kind} src={address} alt={alt} />
  ) : (
    <span class={kind} role="img" aria-label={alt} />
  )
}
