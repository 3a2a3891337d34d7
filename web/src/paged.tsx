import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useLive } from './live.ts'
import { Loaded } from './ui.tsx'
import { words } from './words.ts'

interface PageOf<Answer> {
  path: string
  /** Beside the page's number. */
  query?: string
  children: (answer: Answer, page: number) => ComponentChildren
}

/** A list page below page; the last one has the key for older ones. */
export function Paged<Answer extends { next: number | null }>({
  path,
  query = '',
  children,
}: PageOf<Answer>) {
  const [pages, setPages] = useState(1)
  return (
    <>
      {Array.from({ length: pages }, (_, page) => (
        <OnePage<Answer>
          key={page}
          path={path}
          query={query}
          page={page}
          {...(page === pages - 1 && { more: () => setPages(page + 2) })}
        >
          {children}
        </OnePage>
      ))}
    </>
  )
}

function OnePage<Answer extends { next: number | null }>({
  path,
  query,
  page,
  more,
  children,
}: PageOf<Answer> & { page: number; more?: () => void }) {
  const live = useLive<Answer>(`${path}?page=${page}${query && `&${query}`}`)
  return (
    <Loaded live={live}>
      {(answer) => (
        <>
          {children(answer, page)}
          {more && answer.next !== null && (
            <button type="button" class="link" onClick={more}>
              {words().older}
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}
