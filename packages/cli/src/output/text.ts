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
