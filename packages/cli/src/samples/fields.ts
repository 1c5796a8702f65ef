// A report is JSON that another node wrote: any field may be anything.

export type Fields = Readonly<Record<string, unknown>>

/** The value if it is an object, else an empty one. */
export function object(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The fields that are text, numbers or truth values. */
export function leaves(value: unknown): Fields {
  return Object.fromEntries(Object.entries(object(value)).filter(([, field]) => isLeaf(field)))
}

export function isLeaf(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
