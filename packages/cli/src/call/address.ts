import { UsageError } from '../usage-error.js'

export interface Address {
  readonly service: string
  /** `sleuth://service/path` */
  readonly url: string
}

/** Reads `comment-service/comments`, with or without `sleuth://`. Throws a `UsageError`. */
export function readAddress(text: string | undefined, command: string): Address {
  if (text === undefined || text === '') {
    throw new UsageError(
      `${command} needs a service and a path, as in "sleuth ${command} comment-service/comments"`,
    )
  }
  const rest = text.startsWith('sleuth://') ? text.slice('sleuth://'.length) : text
  if (/^[a-z][a-z0-9+.-]{0,30}:\/\//i.test(rest)) {
    throw new UsageError(
      `${command} calls services by name, as in comment-service/comments, and not "${text}"`,
    )
  }
  const [service = ''] = rest.split(/[/?#]/, 1)
  if (service === '') throw new UsageError(`"${text}" names no service: write it as comment-service/comments`)
  // The library says so too, but only after the wait for such a service.
  if (service.includes('@')) {
    throw new UsageError('the address names a user or password: send an authorization header instead')
  }
  const path = rest.slice(service.length)
  return { service, url: `sleuth://${service}${path.startsWith('/') ? '' : '/'}${path}` }
}
