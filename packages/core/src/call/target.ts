import { sleuthError } from '../errors.js'
import { escapeUrl } from '../wire/http.js'

export interface Target {
  service: string
  /** What travels: path, query and fragment, with userinfo before them as Go writes it (`//user:pw@/path`). */
  url: string
}

const prefix = 'sleuth://'

/**
 * Splits `sleuth://service/path?query#fragment` as it was written: nothing is normalised, so `..`, `%2e` and `//` reach
 * the app. Only what no request line can hold (spaces, control characters, other alphabets) is percent-encoded.
 */
export function splitUrl(text: string): Target {
  if (!text.startsWith(prefix) && text.slice(0, prefix.length).toLowerCase() !== prefix) {
    throw sleuthError(/^sleuth:/i.test(text) ? 'SLEUTH_URL' : 'SLEUTH_SCHEME', { url: text })
  }
  const end = endOfAuthority(text)
  const at = text.lastIndexOf('@', end - 1)
  const hasUser = at >= prefix.length
  const service = text.slice(hasUser ? at + 1 : prefix.length, end)
  if (service === '') throw sleuthError('SLEUTH_URL', { url: text })
  const rest = text.slice(end)
  const url = hasUser ? `//${text.slice(prefix.length, at)}@${rest}` : rest
  return { service, url: escapeUrl(url) }
}

function endOfAuthority(text: string): number {
  for (let i = prefix.length; i < text.length; i++) {
    const char = text[i]
    if (char === '/' || char === '?' || char === '#') return i
  }
  return text.length
}
