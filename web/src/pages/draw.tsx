import { useState } from 'preact/hooks'
import type { ModelsAnswer, PhotoAnswer, PictureAnswer } from '../../../src/shop/web/pictures.ts'
import { post } from '../api.ts'
import { once } from '../draft.ts'
import { useLive } from '../live.ts'
import type { Problem } from '../problem.ts'
import { PhotoField } from '../photo-field.tsx'
import { whenMade } from '../router.ts'
import { feel } from '../telegram.ts'
import { Act, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

interface Wish {
  prompt?: string
  model?: string
  aspect?: string
}

/**
 * The person says what to draw, with which model and in which shape. Every model's price stands there before
 * anything is typed.
 */
export function Draw({ from, back }: { from: Wish; back: boolean }) {
  const live = useLive<ModelsAnswer>('/picture-models')
  const w = words()
  return (
    <Page title={w.newPicture} back={back}>
      <Loaded live={live}>
        {({ models }) =>
          models.length === 0 ? (
            <p class="note">{w.noModels}</p>
          ) : (
            <Form models={models} from={from} changed={live.reload} />
          )
        }
      </Loaded>
    </Page>
  )
}

function Form({ models, from, changed }: ModelsAnswer & { from: Wish; changed: () => void }) {
  const [prompt, setPrompt] = useState(from.prompt ?? '')
  const [chosen, choose] = useState(from.model)
  const [shape, setShape] = useState(from.aspect)
  const [sent, setSent] = useState<string>()
  const w = words()
  const able = models.filter(({ photoLimit }) => photoLimit > 0)
  // A photo needs a model that draws from photos.
  const offered = sent === undefined ? models : able
  const model = offered.find(({ id }) => id === chosen) ?? offered[0]!
  const aspect = shape !== undefined && model.aspects.includes(shape) ? shape : model.aspects[0]!
  const isTooLong = prompt.length > model.promptLimit
  const draw = async () => {
    const { tokens, agreed } = model
    const show = whenMade()
    try {
      const photos = sent === undefined ? [] : [sent]
      const wish = { model: model.id, aspect, prompt, tokens, agreed, photos }
      const { id } = await once(`picture ${JSON.stringify(wish)}`, (draft) =>
        post<PictureAnswer>('/pictures', { ...wish, draft }),
      )
      feel('success')
      show({ page: 'picture', id })
    } catch (error) {
      // The price has changed: it is shown before the person can agree to it.
      if ((error as Problem).code === 'web.price' || (error as Problem).code === 'web.model') changed()
      throw error
    }
  }
  return (
    <>
      <div class="field">
        <label for="prompt">{w.whatToDraw}</label>
        <textarea
          id="prompt"
          rows={4}
          value={prompt}
          aria-describedby="prompt-hint"
          onInput={({ currentTarget }) => setPrompt(currentTarget.value)}
        />
        <p id="prompt-hint" class="wrong" role="status">
          {isTooLong && `${w.tooLong} ${model.promptLimit}.`}
        </p>
      </div>
      {able.length > 0 && sent === undefined && (
        <PhotoField<PhotoAnswer>
          id="photo"
          title={w.fromPhoto}
          path="/picture-photo"
          sent={({ photo }) => setSent(photo)}
        />
      )}
      {sent !== undefined && (
        <p role="status">
          ✓ {w.photoAdded}{' '}
          <button type="button" class="link" onClick={() => setSent(undefined)}>
            {w.withoutPhoto}
          </button>
        </p>
      )}
      <fieldset>
        <legend>{w.model}</legend>
        <div class="amounts">
          {offered.map((one) => (
            <label class="amount" key={one.id}>
              <input
                type="radio"
                name="model"
                checked={one.id === model.id}
                onChange={() => choose(one.id)}
              />
              <b>{one.title}</b>
              <small>{one.price}</small>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{w.shape}</legend>
        <div class="chips">
          {model.aspects.map((one) => (
            <label key={one}>
              <input type="radio" name="aspect" checked={one === aspect} onChange={() => setShape(one)} />
              {one}
            </label>
          ))}
        </div>
      </fieldset>
      {model.back && <p class="note">{model.back}</p>}
      <Act kind="key primary" disabled={prompt.trim() === '' || isTooLong} run={draw}>
        {w.draw} · {model.price}
      </Act>
    </>
  )
}
