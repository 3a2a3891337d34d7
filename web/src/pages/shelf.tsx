import { useEffect, useState } from 'preact/hooks'
import type { ShelfAnswer } from '../../../src/shop/web/shelf.ts'
import { useLive } from '../live.ts'
import { Paged } from '../paged.tsx'
import { go } from '../router.ts'
import { Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** What the shop's owner sells: by category, or by a part of its name. */
export function Shelf({ category, back }: { category?: string; back: boolean }) {
  const [typed, setTyped] = useState('')
  const [word, setWord] = useState('')
  const [title, setTitle] = useState<string>()
  const w = words()
  return (
    <Page title={title ?? w.shelf} back={back}>
      <form
        class="field"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          setWord(typed.trim())
        }}
      >
        <label for="find">{w.findGood}</label>
        <input
          id="find"
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          value={typed}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value)
            if (currentTarget.value === '') setWord('')
          }}
        />
      </form>
      {word === '' ? (
        <Paged<ShelfAnswer> path="/shelf" query={category === undefined ? '' : `category=${category}`}>
          {(shelf, page) => (
            <>
              <Titled title={shelf.title} tell={setTitle} />
              {page === 0 && shelf.categories.length + shelf.items.length === 0 && (
                <p class="note">{w.noGoods}</p>
              )}
              <Goods shelf={shelf} />
            </>
          )}
        </Paged>
      ) : (
        <Found word={word} key={word} />
      )}
    </Page>
  )
}

/** The heading of a category is known when its goods are. */
function Titled({ title, tell }: { title: string | null; tell: (title: string) => void }) {
  useEffect(() => {
    if (title !== null) tell(title)
  }, [title, tell])
  return null
}

function Found({ word }: { word: string }) {
  const live = useLive<ShelfAnswer>(`/shelf?word=${encodeURIComponent(word)}`)
  return (
    <Loaded live={live}>
      {(shelf) =>
        shelf.items.length === 0 ? <p class="note">{words().foundNothing}</p> : <Goods shelf={shelf} />
      }
    </Loaded>
  )
}

function Goods({ shelf: { categories, items } }: { shelf: ShelfAnswer }) {
  return (
    <>
      {categories.length > 0 && (
        <ul class="list">
          {categories.map(({ id, name }) => (
            <li key={id}>
              <button type="button" class="row" onClick={() => go({ page: 'shelf', category: id })}>
                <b>{name}</b>
                <span class="end" aria-hidden="true">
                  ›
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {items.length > 0 && (
        <ul class="list">
          {items.map(({ id, name, price }) => (
            <li key={id}>
              <button type="button" class="row" onClick={() => go({ page: 'item', id })}>
                <b>{name}</b>
                <span class="end">
                  <b>{price}</b>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
