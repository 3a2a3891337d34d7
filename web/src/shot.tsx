import { useEffect, useState } from 'preact/hooks'
import { getFile } from './api.ts'
import { words } from './words.ts'

/** Addresses of pictures that were shown, so that going back does not fetch them again. */
const seen = new Map<string, string>()

export async function shotOf(id: string): Promise<string> {
  const address = seen.get(id) ?? (await getFile(`/pictures/${id}/file`))
  seen.set(id, address)
  return address
}

/** A picture of the person's. The shop shows it only to this person, so a copied address shows nothing to others. */
export function Shot({ id, alt, kind }: { id: string; alt: string; kind?: string }) {
  const [address, setAddress] = useState(seen.get(id))
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    let here = true
    shotOf(id).then(
      (found) => here && setAddress(found),
      () => here && setFailed(true),
    )
    return () => {
      here = false
    }
  }, [id])
  if (failed) return <small class={kind}>{words().pictureGone}</small>
  return address ? (
    <img class={kind} src={address} alt={alt} />
  ) : (
    <span class={kind} role="img" aria-label={alt} />
  )
}
