/**
 * The characters that must not stand in a line of text: control characters, the line ends of Unicode, and the marks that
 * change the order of the text (https://www.unicode.org/reports/tr9/, sections 2.1 to 2.6).
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u
const allHidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

// What RFC 3986 allows in a host, without percent-encoding: Go's announcements take `%` for a format, and URL parsers do not
// agree on its meaning in the host of a scheme that they do not know.
const host = /^[A-Za-z0-9\-._~!$&'()*+,;=]+$/

const MAX_NAME_BYTES = 255
/** The most characters of one value in a message. */
const MAX_QUOTED = 1000

/** Whether a text can stand in one line as it is: it has no terminal escapes, line breaks or bidi marks. */
export function isPlain(text: string): boolean {
  return !hidden.test(text)
}

/** Makes any text fit for a message: hidden characters are escaped, and a long text is cut. */
export function plain(text: string): string {
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
  return isPlain(short) ? short : short.replace(allHidden, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Whether its length fits into 1 byte on the wire. */
export function isShort(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_NAME_BYTES
}

/** Whether it can be the host in `sleuth://name/`. */
export function isHost(text: string): boolean {
  return host.test(text)
}

/** The names that peers announce have the same rules as our own. */
export function isServiceName(text: string): boolean {
  return isShort(text) && isHost(text)
}

export function isLabel(text: string): boolean {
  return text !== '' && isShort(text) && isPlain(text)
}
