/**
 * What has no place in a line of text: control characters, the ends of lines that Unicode has, and the marks that turn the
 * order of what follows. (https://www.unicode.org/reports/tr9/, sections 2.1 to 2.6)
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u
const allHidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

// What RFC 3986 allows in a host, less percent-encoding: `%` is taken for a format by Go's announcements, and URL
// parsers do not agree on what it stands for in the host of a scheme they do not know.
const host = /^[A-Za-z0-9\-._~!$&'()*+,;=]+$/

const MAX_NAME_BYTES = 255
/** Characters of one value in a message. */
const MAX_QUOTED = 1000

/** A text in one line, as is: neither escapes for a terminal, nor line breaks, nor bidi marks. */
export function isPlain(text: string): boolean {
  return !hidden.test(text)
}

/** How any text may stand in a message: what is hidden is escaped, and what is long is cut. */
export function plain(text: string): string {
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
  return isPlain(short) ? short : short.replace(allHidden, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Travels with a 1-byte length. */
export function isShort(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_NAME_BYTES
}

/** Whether it can stand as the host in `sleuth://name/`. */
export function isHost(text: string): boolean {
  return host.test(text)
}

/** The rules for one's own names hold for those that peers announce. */
export function isServiceName(text: string): boolean {
  return isShort(text) && isHost(text)
}

export function isLabel(text: string): boolean {
  return text !== '' && isShort(text) && isPlain(text)
}
