const PATHS: Record<string, string> = {
  home: 'M4 8h16l-1.2 12H5.2L4 8Zm4 0V7a4 4 0 0 1 8 0v1',
  orders: 'M4 8l8-4 8 4v8l-8 4-8-4V8Zm0 0 8 4 8-4M12 12v8',
  history: 'M6 3h12v18l-3-2-3 2-3-2-3 2V3Zm3 5h6m-6 4h6',
  stars: 'm12 3 2.7 5.8 6.3.7-4.7 4.2 1.3 6.3-5.6-3.2L6.4 20l1.3-6.3L3 9.5l6.3-.7L12 3Z',
  premium: 'M6 4h12l4 6-10 11L2 10l4-6Zm-4 6h20M9 10l3 11 3-11-3-6-3 6Z',
}

/** A picture that says nothing that is not written beside it. */
export function Icon({ name }: { name: string }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name] ?? PATHS['orders']} />
    </svg>
  )
}
