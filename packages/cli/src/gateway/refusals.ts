import type { Problem } from '../proxy/problem.js'
import type { KnownServices } from './known-services.js'

/** HTTP has it, and the network has not. */
export function notCarried(what: string): Problem {
  return {
    status: 501,
    code: 'SLEUTH_UPGRADE',
    detail: `the network carries requests and responses, and not ${what}; connect to the service itself`,
  }
}

export function notAllowed(service: string, services: KnownServices): Problem {
  const detail = `the gateway was started without ${service} in --allow`
  return { status: 403, code: 'NOT_ALLOWED', detail, more: { service, services: services.list() } }
}

/** One that was there is expected back, as when its last instance restarts. */
export function unknownService(service: string, services: KnownServices): Problem {
  const list = services.list()
  const more = { service, services: list }
  const code = 'SLEUTH_UNKNOWN_SERVICE'
  if (service === '')
    return { status: 404, code: 'NO_SERVICE', detail: 'the path names no service; write /<service>/…', more }
  if (services.wasThere(service)) {
    const detail = `no instance of ${service} is up now`
    return { status: 503, code, detail, more, headers: ['Retry-After', '1'] }
  }
  const detail =
    list.length === 0 ? 'the gateway knows no service yet' : `known services are ${list.join(', ')}`
  return { status: 404, code, detail: `there is no service ${service}: ${detail}`, more }
}
