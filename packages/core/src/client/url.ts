import { sleuthError } from '../shared/errors.js'
import { splitUrl } from './target.js'

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
