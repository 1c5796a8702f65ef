import { escapeUrl } from '../http/text.js'
import { sleuthError } from '../shared/errors.js'

export interface Target {
  service: string
  /** What travels: path, query and fragment. */
  url: string
}

const prefix = 'sleuth://'

/** What a request line can hold. */
const visible = /^[\x21-\x7e]*$/

/** A service's name holds none of them, and readers of URLs do not agree on what they mean. */
const misleading = /[^\x21-\x5b\x5d-\x7e\u0080-\uffff]/

/**
 * Splits `sleuth://service/path?query#fragment` as it was written: nothing is normalised, so `..`, `%2e` and `//` reach
 * the app. Only what no request line can hold (spaces, control characters, other alphabets) is percent-encoded.
 */
export function splitUrl(text: string): Target {
  if (!text.startsWith(prefix) && text.slice(0, prefix.length).toLowerCase() !== prefix) {
    throw sleuthError(/^sleuth:/i.test(text) ? 'SLEUTH_URL' : 'SLEUTH_SCHEME', { url: text })
  }
  const end = endOfAuthority(text)
  const service = text.slice(prefix.length, end)
  const at = service.lastIndexOf('@')
  // Else `sleuth://users` followed by what a stranger chose, such as `@other/`, would call another service.
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

/** What `URL` would leave as it is. Spares most calls a URL object, which takes a microsecond. */
const normal = /^sleuth:\/\/[\w.-]+(?:\/[\w~-][\w.~-]*)*\/?(?:\?[\w.~=&%+-]*)?$/

/** The URL as `new URL(url).href` has it: `..` resolved, spaces and other alphabets escaped. */
export function normalUrl(url: string): string {
  if (normal.test(url)) return url
  try {
    return new URL(url).href
  } catch {
    // Throws for nearly all that `URL` refuses, and says more.
    splitUrl(url)
    throw sleuthError('SLEUTH_URL', { url })
  }
}
