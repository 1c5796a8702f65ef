import { sleuthError } from '../errors.js'
import { token } from '../wire/canonical.js'

const upgrades = /(?:^|[\s,])upgrade(?:$|[\s,])/i

/** Throws for a method that is none, and for what asks for a connection of its own: there is none to hand over. */
export function checkCarried(method: unknown, headers: readonly string[]): void {
  if (typeof method !== 'string' || !token.test(method)) {
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'method',
      problem: 'must be an HTTP method such as GET',
    })
  }
  if (method.length === 7 && method.toUpperCase() === 'CONNECT') throw notCarried('the method CONNECT')
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length === 7 && name.toLowerCase() === 'upgrade') throw notCarried('the header upgrade')
    if (name.length === 10 && name.toLowerCase() === 'connection' && upgrades.test(headers[i + 1] as string))
      throw notCarried('the header connection: upgrade')
  }
}

function notCarried(what: string) {
  return sleuthError('SLEUTH_UPGRADE', { what })
}
