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
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(text) ?? []
  if (scheme !== undefined && scheme.toLowerCase() !== 'sleuth://') {
    throw new UsageError(
      `${command} calls services by name, as in comment-service/comments, and not "${text}"`,
    )
  }
  const [service = ''] = rest.split(/[/?#]/, 1)
  if (service === '') throw new UsageError(`"${text}" names no service: write it as comment-service/comments`)
  const path = rest.slice(service.length)
  return { service, url: `sleuth://${service}${path.startsWith('/') ? '' : '/'}${path}` }
}
