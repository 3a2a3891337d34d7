import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { addressOf, go } from './router.ts'

/** A link within the panel. With a modifier key it opens as the browser decides. */
export function Go({
  to,
  children,
  ...rest
}: {
  to: string
  children: ComponentChildren
  class?: string
  'aria-current'?: 'page' | 'true' | undefined
}) {
  return (
    <a
      href={addressOf(to)}
      onClick={(event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        go(to)
      }}
      {...rest}
    >
      {children}
    </a>
  )
}

/** A page with its heading, which screen readers read out when the page comes. */
export function PanelPage({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = title
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <main id="main">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  )
}
