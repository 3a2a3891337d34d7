import { api } from './api.js'
import { openDialog } from './dialog.js'
import { h } from './dom.js'
import { icon } from './icons.js'
import { bytes, t } from './words.js'

function photo(message) {
  const { url, width, height } = message.photo
  const source = api.file(url)
  const image = h('img', { src: source, alt: message.caption ?? t('photo'), width, height, loading: 'lazy' })
  const button = h('button', { class: 'photo', type: 'button', 'aria-label': t('openPhoto') }, image)
  button.addEventListener('click', () => openViewer(source, message.caption))
  return button
}

function openViewer(source, caption) {
  const dialog = openDialog({
    kind: 'viewer',
    title: t('photo'),
    body: h(
      'figure',
      {},
      h('img', { src: source, alt: caption ?? t('photo') }),
      caption ? h('figcaption', {}, caption) : null,
    ),
    actions: [
      h(
        'a',
        { class: 'button', href: source, download: 'photo' },
        icon('download'),
        t('download', { name: t('photo').toLowerCase() }),
      ),
    ],
  })
  dialog.element.querySelector('.dialog-body').addEventListener('click', (event) => {
    if (event.target.tagName !== 'IMG') dialog.close()
  })
}

function file(entry, name) {
  return h(
    'a',
    { class: 'file', href: api.file(entry.url), download: name, 'aria-label': t('download', { name }) },
    h('span', { class: 'file-icon' }, icon('file')),
    h('span', { class: 'file-name' }, h('b', {}, name), entry.size ? h('span', {}, bytes(entry.size)) : null),
  )
}

/** A sticker. No browser draws an animated one, so its emoji stands for it, as for one whose file is no picture. */
function sticker({ url, emoji, is_animated: animated, is_video: video }) {
  const words = () => h('p', { class: 'sticker' }, emoji ?? t('sticker'))
  if (animated) return words()
  const src = api.file(url)
  if (video)
    return h('video', { class: 'sticker', autoplay: true, loop: true, muted: true, playsinline: true, src })
  const image = h('img', { class: 'sticker', src, alt: emoji ?? t('sticker'), loading: 'lazy' })
  image.addEventListener('error', () => image.replaceWith(words()))
  return image
}

/** A silent video; a GIF, which is none, is a picture that moves. */
export function animation({ url }, caption) {
  const src = api.file(url)
  const video = h('video', { autoplay: true, loop: true, muted: true, playsinline: true, src })
  video.addEventListener('error', () =>
    video.replaceWith(h('img', { class: 'moving', src, alt: caption ?? t('photo') })),
  )
  return video
}

/** A game as the message shows it: its photo, its title, and what it is or who leads. */
export function game({ title, description, text, photo: { url } }) {
  return h(
    'div',
    { class: 'game' },
    h('img', { src: api.file(url), alt: '', loading: 'lazy' }),
    h('b', {}, title),
    h('p', {}, text ?? description),
  )
}

/** What a message carries besides its text, as nodes. */
export function media(message) {
  const nodes = []
  if (message.photo) nodes.push(photo(message))
  if (message.document) nodes.push(file(message.document, message.document.file_name ?? t('file')))
  if (message.audio) nodes.push(h('audio', { controls: true, src: api.file(message.audio.url) }))
  if (message.voice) nodes.push(h('audio', { controls: true, src: api.file(message.voice.url) }))
  if (message.video) nodes.push(h('video', { controls: true, src: api.file(message.video.url) }))
  if (message.animation) nodes.push(animation(message.animation, message.caption))
  if (message.video_note)
    nodes.push(h('video', { class: 'round', controls: true, src: api.file(message.video_note.url) }))
  if (message.sticker) nodes.push(sticker(message.sticker))
  return nodes
}
