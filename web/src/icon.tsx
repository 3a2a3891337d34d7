const PATHS: Record<string, string> = {
  home: 'M4 8h16l-1.2 12H5.2L4 8Zm4 0V7a4 4 0 0 1 8 0v1',
  orders: 'M4 8l8-4 8 4v8l-8 4-8-4V8Zm0 0 8 4 8-4M12 12v8',
  history: 'M6 3h12v18l-3-2-3 2-3-2-3 2V3Zm3 5h6m-6 4h6',
  more: 'M5 11.5h1v1H5zM11.5 11.5h1v1h-1zM18 11.5h1v1h-1z',
  plans: 'M4 7h16v12H4V7Zm0 4h16M8 15h4',
  promo: 'M4 7h16v4a2 2 0 0 0 0 3v4H4v-4a2 2 0 0 0 0-3V7Zm10 0v11',
  friends:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-4 2.7-6 6-6s6 2 6 6M16 4.5a3.5 3.5 0 0 1 0 6.5M17 14c2.5.5 4 2.5 4 6',
  addresses: 'M4 4h6v6H4V4Zm10 0h6v6h-6V4ZM4 14h6v6H4v-6Zm10 0h2v2h-2v-2Zm4 0h2m-2 4h2v2m-6 0h2',
  pictures: 'M4 5h16v14H4V5Zm0 11 5-5 4 4 3-3 4 4M15 9h.01',
  shelf: 'M3 5h18M3 12h18M3 19h18M6 5v7m5-7v7m6 0v7m-5-7v7',
  purchases: 'M5 4h14v17l-2.5-1.5L14 21l-2-1.5L10 21l-2.5-1.5L5 21V4Zm4 6 2 2 4-4',
  language: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-9 9h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  stars: 'm12 3 2.7 5.8 6.3.7-4.7 4.2 1.3 6.3-5.6-3.2L6.4 20l1.3-6.3L3 9.5l6.3-.7L12 3Z',
  premium: 'M6 4h12l4 6-10 11L2 10l4-6Zm-4 6h20M9 10l3 11 3-11-3-6-3 6Z',
}

/** A picture that only repeats the words beside it, so screen readers skip it. */
export function Icon({ name }: { name: string }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name] ?? PATHS['orders']} />
    </svg>
  )
}
