import { escapeUrl } from '../http/text.js'
import { sleuthError } from '../shared/errors.js'

export interface Target {
  service: string
  /** The part that is sent: path, query and fragment. */
  url: string
}

const prefix = 'sleuth://'

/** The characters that a request line can contain. */
const visible = /^[\x21-\x7e]*$/

/** Characters that no service's name has, and on whose meaning URL parsers do not agree. */
const misleading = /[^\x21-\x5b\x5d-\x7e\u0080-\uffff]/

/**
 * Splits `sleuth://service/path?query#fragment` as it is written. It normalises nothing, so `..`, `%2e` and `//` reach the app.
 * It percent-encodes only what a request line can't contain: spaces, control characters and other alphabets.
 */
export function splitUrl(text: string): Target {
  if (!text.startsWith(prefix) && text.slice(0, prefix.length).toLowerCase() !== prefix) {
    throw sleuthError(/^sleuth:/i.test(text) ? 'SLEUTH_URL' : 'SLEUTH_SCHEME', { url: text })
  }
  const end = endOfAuthority(text)
  const service = text.slice(prefix.length, end)
  const at = service.lastIndexOf('@')
  // Otherwise `sleuth://users` with a text of a stranger after it, such as `@other/`, would call another service.
  if (at !== -1) throw sleuthError('SLEUTH_USERINFO', { url: `${prefix}…${service.slice(at)}` })
  if (service === '' || misleading.test(service)) throw sleuthError('SLEUTH_URL', { url: escapeUrl(text) })
  const url = text.slice(end)
  return { service, url: visible.test(url) ? url : escapeUrl(url) }
}

function endOfAuthority(text: string): number {
  for (let i = prefix.length; i < text.length; i++) {
    const char = text[i]
    if (char === '/' || char === '?' || char === '#') return i
  }
  return text.length
}

/** URLs that `URL` leaves as they are. Most calls need no URL object then, which takes a microsecond. */
const normal = /^sleuth:\/\/[\w.-]+(?:\/[\w~-][\w.~-]*)*\/?(?:\?[\w.~=&%+-]*)?$/

/** The URL as in `new URL(url).href`: `..` is resolved, and spaces and other alphabets are escaped. */
export function normalUrl(url: string): string {
  if (normal.test(url)) return url
  try {
    return new URL(url).href
  } catch {
    // It throws for nearly all that `URL` refuses, with a better message.
    splitUrl(url)
    throw sleuthError('SLEUTH_URL', { url })
  }
}
