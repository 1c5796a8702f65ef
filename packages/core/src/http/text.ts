/**
 * A value without the characters of `padding` around it. Not by a regular expression, which looks for the end from every
 * space that it meets: a value of 60,000 spaces took 4 seconds.
 */
export function trim(value: string, padding: string): string {
  let start = 0
  let end = value.length
  while (start < end && padding.includes(value[start] as string)) start++
  while (end > start && padding.includes(value[end - 1] as string)) end--
  return value.slice(start, end)
}

/**
 * A part of a text, in memory of its own: V8's slice keeps all of the text. To be given what was checked: each character of it
 * is one byte.
 */
export function detached(part: string, text: string): string {
  return part.length === text.length ? part : Buffer.from(part, 'latin1').toString('latin1')
}

/** Percent-encodes what no request line can hold, and nothing else. */
export function escapeUrl(url: string): string {
  return url.replace(/[^\x21-\x7e]+/g, percentEncode)
}

/** As `escapeUrl` for other alphabets, which Go leaves in a query; a space or control character stays, to be refused. */
export function escapeAlphabets(url: string): string {
  return url.replace(/[\u0080-\uffff]+/g, percentEncode)
}

function percentEncode(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&')
}

/**
 * A header's value in which every character is one byte, as HTTP has them: text beyond that is shown as its UTF-8, which
 * is what it would be over HTTP.
 */
export function byteString(value: string): string {
  return /[\u0100-\uffff]/.test(value) ? Buffer.from(value).toString('latin1') : value
}
