/** Characters that could write anywhere in a terminal, or turn the text around. */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

/** What a peer said, fit for one line of a terminal. */
export function plain(text: string): string {
  return text.replace(hidden, '\ufffd')
}

/** The same as one word, so that a line has as many words as its table has columns. */
export function word(text: string): string {
  return plain(text.trim().replace(/\s+/gu, '_')) || '-'
}

/**
 * A line of JSON. A terminal obeys some characters that JSON leaves as they are: they are escaped, and mean the same. Numbers have
 * three digits after the point, which is a microsecond of milliseconds.
 */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value, rounded).replace(hidden, escaped)}\n`
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
