import type { Upload } from './params.ts'

/** Parts of a multipart/form-data body: fields by name, files by name. Undefined when it is not one. */
export function parseMultipart(
  body: Buffer,
  contentType: string,
): { values: Record<string, string>; files: Map<string, Upload> } | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (!boundary) return undefined
  const mark = Buffer.from(`--${boundary[1] ?? boundary[2]}`)
  const values: Record<string, string> = {}
  const files = new Map<string, Upload>()
  let at = body.indexOf(mark)
  while (at >= 0) {
    const begin = at + mark.length
    if (body.subarray(begin, begin + 2).toString('latin1') === '--') return { values, files }
    const headEnd = body.indexOf('\r\n\r\n', begin)
    const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), mark]), Math.max(begin, headEnd))
    if (headEnd < 0 || next < 0) return undefined
    const head = body.subarray(begin, headEnd).toString('utf8')
    const content = body.subarray(headEnd + 4, next)
    const name = /[;\s]name="([^"]*)"/i.exec(head)?.[1]
    const named = /filename=(?:"([^"\r\n]*)"|([^;\r\n]*))/i.exec(head)
    const file = named?.[1] ?? named?.[2]
    const type = /content-type:\s*([^\r\n;]+)/i.exec(head)?.[1]
    if (name !== undefined && (file !== undefined || type?.startsWith('application/octet')))
      files.set(name, {
        name: decodeName(file ?? name),
        type: type ?? 'application/octet-stream',
        bytes: Buffer.from(content),
      })
    else if (name !== undefined) values[name] = content.toString('utf8')
    at = next + 2
  }
  return undefined
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
