import { openDialog } from './dialog.js'
import { h, replaceChildren } from './dom.js'
import { icon } from './icons.js'
import { language, t } from './words.js'

const MAX_BYTES = 10 * 1024 * 1024

/** Chooses a photo or file (or takes a sample receipt), shows it, sends it with a caption. */
export function attachDialog(pane) {
  let chosen
  const input = h('input', {
    type: 'file',
    class: 'visually-hidden',
    tabindex: '-1',
    'aria-label': t('pickFile'),
  })
  const preview = h('div', { class: 'attach-preview' })
  const caption = h('input', {
    type: 'text',
    class: 'field',
    maxlength: 1024,
    placeholder: t('caption'),
    'aria-label': t('caption'),
  })
  const asPhoto = h(
    'button',
    { class: 'button primary', type: 'button', disabled: true, onclick: () => send('photo') },
    t('sendPhoto'),
  )
  const asFile = h(
    'button',
    { class: 'button', type: 'button', disabled: true, onclick: () => send('document') },
    t('sendFile'),
  )
  const pick = h(
    'button',
    { class: 'button', type: 'button', onclick: () => input.click() },
    icon('attach'),
    t('pickFile'),
  )
  const sample = h(
    'button',
    { class: 'button', type: 'button', onclick: async () => take(await sampleReceipt()) },
    icon('file'),
    t('sampleReceipt'),
  )
  const dialog = openDialog({
    kind: 'sheet',
    title: t('attachTitle'),
    over: pane.element,
    body: [h('div', { class: 'row' }, pick, sample, input), preview, caption],
    actions: [asPhoto, asFile],
  })
  input.addEventListener('change', () => (input.files[0] ? take(input.files[0]) : undefined))

  function take(file) {
    if (file.size > MAX_BYTES) return pane.toast(t('tooLarge'))
    chosen = file
    const image = /^image\/(png|jpe?g|webp|gif)$/.test(file.type)
    asPhoto.disabled = !image
    asFile.disabled = false
    replaceChildren(
      preview,
      image
        ? h('img', { src: URL.createObjectURL(file), alt: file.name })
        : h('p', {}, icon('file'), file.name),
    )
  }

  async function send(kind) {
    asPhoto.disabled = asFile.disabled = true
    const data = await base64(chosen)
    const text = caption.value.trim()
    const common = text ? { caption: text } : {}
    const message =
      kind === 'photo'
        ? { photo: data, ...common }
        : {
            document: data,
            file_name: chosen.name,
            mime_type: chosen.type || 'application/octet-stream',
            ...common,
          }
    try {
      await pane.send(message)
      dialog.close()
    } catch (error) {
      pane.toast(t('failed', { reason: error.message }))
      take(chosen)
    }
  }
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '')
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}

/** A drawn receipt, so that a proof of payment can be sent without hunting for a picture. */
async function sampleReceipt() {
  const canvas = h('canvas', { width: 720, height: 900 })
  const pen = canvas.getContext('2d')
  pen.fillStyle = '#ffffff'
  pen.fillRect(0, 0, 720, 900)
  pen.fillStyle = '#0b6e69'
  pen.fillRect(0, 0, 720, 130)
  pen.fillStyle = '#ffffff'
  pen.font = 'bold 40px sans-serif'
  pen.fillText(t('receiptTitle'), 48, 82)
  pen.fillStyle = '#16211f'
  pen.font = '32px sans-serif'
  const now = new Intl.DateTimeFormat(language(), { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(),
  )
  for (const [index, line] of [now, '1 490,00 ₽', '**** 4242 → **** 1111', `№ ${Date.now()}`].entries()) {
    pen.fillText(line, 48, 220 + index * 76)
  }
  pen.fillStyle = '#8a4b00'
  pen.font = 'bold 34px sans-serif'
  pen.fillText(t('receiptLine'), 48, 800, 624)
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  return new File([blob], 'receipt.png', { type: 'image/png' })
}
