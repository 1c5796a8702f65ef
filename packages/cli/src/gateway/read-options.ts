import { isIP } from 'node:net'
import { UsageError } from '../usage-error.js'
import { parseAuthority } from './authority.js'

/** The names of `--host`. */
export function namesOf(given: readonly string[] = []): string[] {
  return given.map((text) => {
    const authority = parseAuthority(text)
    if (authority === undefined || authority.port !== '' || isIP(authority.name) !== 0)
      throw new UsageError(`--host must be a name without a port, such as api.example.org, and is "${text}"`)
    return authority.name
  })
}

/** The services of `--allow`. Undefined if it was not given. */
export function servicesOf(given: readonly string[] | undefined): string[] | undefined {
  const names = given?.flatMap((list) => list.split(',')).map((name) => name.trim())
  if (names?.some((name) => name === ''))
    throw new UsageError('--allow has an empty name; write --allow shop,blog')
  return names
}

/** An origin as browsers send it. */
export function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.origin === 'null' || url.pathname !== '/' || url.search !== '')
    throw new UsageError(`--origin must be an origin such as http://localhost:5173, and is "${text}"`)
  return url.origin
}
