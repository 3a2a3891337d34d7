import type { ServerResponse } from 'node:http'
import { type ApiRequest, type PageInvoice, type Vendor, WAYS, type Way } from './vendor.ts'
import { STYLE } from './page-style.ts'
import { TEXTS, type Texts } from './page-texts.ts'

const escape = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.codePointAt(0)};`)

/**
 * The page behind a pay link: it shows the invoice, and lets a visitor pay in every way, also in those that go
 * wrong.
 */
export async function page(request: ApiRequest, response: ServerResponse, vendor: Vendor, now: number) {
  const id = decodeURIComponent(request.path.slice('/pay/'.length))
  const invoice = vendor.invoices().find((one) => one.id === id)
  const language = request.query.get('lang') ?? request.headers['accept-language']
  const texts = String(language).startsWith('en') ? TEXTS.en : TEXTS.ru
  if (request.method === 'POST' && invoice) {
    const way = new URLSearchParams(request.body.toString('utf8')).get('way') as Way
    if (invoice.ways.includes(way)) void vendor.pay(id, way, {})
    // The address is relative, so that the page also works behind a proxy with a prefix.
    return void response.writeHead(303, { Location: `${encodeURIComponent(id)}?lang=${texts.code}` }).end()
  }
  const html = invoice ? invoicePage(vendor, invoice, texts, now) : shell(texts, `<h1>${texts.unknown}</h1>`)
  response.writeHead(invoice ? 200 : 404, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    'Cache-Control': 'no-store',
  })
  response.end(html)
}

function invoicePage(vendor: Vendor, invoice: PageInvoice, texts: Texts, now: number): string {
  const left = invoice.expiresAt === undefined ? undefined : Math.ceil((invoice.expiresAt - now) / 60_000)
  const open = invoice.ways.length > 0
  const facts = [
    [texts.order, `<code>${escape(invoice.reference)}</code>`],
    [texts.status, `<b class="status">${escape(invoice.status)}</b>`],
    ...(invoice.paid ? [[texts.paid, escape(invoice.paid)]] : []),
    ...(open && left !== undefined && left > 0 ? [[texts.left, `${left} ${texts.minutes}`]] : []),
  ]
  const buttons = WAYS.filter((way) => way !== 'rest' || invoice.ways.includes('rest')).map((way) => {
    const [title, hint] = texts.ways[way]
    const off = invoice.ways.includes(way) ? '' : ' disabled'
    return `<button name="way" value="${way}" class="${way}"${off}><b>${title}</b><span>${hint}</span></button>`
  })
  const back = invoice.returnUrl && /^https?:/.test(invoice.returnUrl) ? invoice.returnUrl : undefined
  const body = `
    <p class="vendor">${escape(vendor.title)} <small>${texts.imitation}</small></p>
    <h1>${escape(invoice.amount)} <small>${escape(invoice.currency)}</small></h1>
    <p class="title">${escape(invoice.title)}</p>
    <dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>
    ${open ? `<form method="post"><p>${texts.choose}</p>${buttons.join('')}${!invoice.ways.includes('twice') || invoice.ways.includes('less') ? '' : `<p>${texts.exactOnly}</p>`}</form>` : `<p class="done">${texts.done}</p>`}
    ${back ? `<a class="back" href="${escape(back)}">${texts.back}</a>` : ''}`
  // The page looks again by itself, because confirmations or a deadline may still be on their way.
  return shell(texts, body, 4)
}

function shell(texts: Texts, body: string, refreshSeconds?: number): string {
  const other = texts.code === 'ru' ? '<a href="?lang=en">English</a>' : '<a href="?lang=ru">Русский</a>'
  const refresh = refreshSeconds ? `<meta http-equiv="refresh" content="${refreshSeconds}">` : ''
  return `<!doctype html><html lang="${texts.code}"><head><meta charset="utf-8">${refresh}
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${texts.head}</title>
<style>${STYLE}</style></head><body>
<p class="ribbon" role="note">${texts.ribbon}</p>
<main>${body}</main><footer>${other}</footer></body></html>`
}
