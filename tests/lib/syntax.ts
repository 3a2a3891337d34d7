/** A node of the tree that `parseAst` of vite makes of a file. */
export interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

/** A node whose parts are nodes as well. */
export type Whole = Node & Record<string, Node & Node[]>

export function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) return value.forEach((one) => visit(one, see))
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) see(value as Node)
  for (const inner of Object.values(value)) visit(inner, see)
}

export const nameOf = (node: unknown): string => {
  const { name, value } = (node ?? {}) as { name?: string; value?: unknown }
  return name ?? (typeof value === 'string' ? value : '')
}

/** The texts that an expression may be; what a template puts in is a star. */
export function textsOf(node: unknown): string[] {
  const one = node as Whole | undefined
  switch (one?.type) {
    case 'Literal':
      return typeof one.value === 'string' ? [one.value as string] : []
    case 'TemplateLiteral':
      return [
        one.quasis!.map((part) => (part as unknown as { value: { cooked: string } }).value.cooked).join('*'),
      ]
    case 'ConditionalExpression':
      return [...textsOf(one.consequent), ...textsOf(one.alternate)]
    default:
      return one?.expression ? textsOf(one.expression) : []
  }
}
