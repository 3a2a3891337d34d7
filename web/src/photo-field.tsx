import { useState } from 'preact/hooks'
import { upload } from './api.ts'
import { Leaving } from './ui.tsx'
import { words } from './words.ts'

const MOST_BYTES = 10 * 1024 * 1024

/** A field for one photo, which is sent as soon as it is chosen. */
export function PhotoField<Answer>(props: {
  id: string
  title: string
  path: string
  sent: (answer: Answer) => void
}) {
  const { id, title, path, sent } = props
  const [state, setState] = useState<{ text: string; isWrong: boolean }>()
  const [share, setShare] = useState<number>()
  const w = words()
  const send = async (file: File) => {
    if (file.size > MOST_BYTES) return setState({ text: w.fileTooBig, isWrong: true })
    setState({ text: w.sending, isWrong: false })
    try {
      sent(await upload<Answer>(path, file, setShare))
      setState({ text: `✓ ${file.name}`, isWrong: false })
    } catch (error) {
      setState({ text: (error as Error).message, isWrong: true })
    }
    setShare(undefined)
  }
  return (
    <div class="field">
      <label for={id}>{title}</label>
      <input
        id={id}
        type="file"
        accept="image/jpeg,image/png"
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? []
          currentTarget.value = ''
          if (file) void send(file)
        }}
      />
      <Leaving share={share} />
      <p id={`${id}-hint`} class={state?.isWrong ? 'wrong' : 'note'} role="status">
        {state?.text ?? w.photoHint}
      </p>
    </div>
  )
}
