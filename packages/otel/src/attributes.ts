import type { Attributes } from '@opentelemetry/api'
import type { CallContext } from '@sleuth/core'

// Semantic conventions for HTTP clients, which are stable. A sleuth call is an HTTP request, and no RPC with a method of its own.

const known = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
])

/** A method that is not known is no name of a span: anyone may make up any number of them. */
export function nameOf({ method }: CallContext): string {
  return known.has(method) ? method : 'HTTP'
}

/** What is known before the call leaves, with few values: for metrics too. */
export function commonAttributes({ method, service }: CallContext): Attributes {
  return {
    'http.request.method': known.has(method) ? method : '_OTHER',
    'server.address': service,
    'url.scheme': 'sleuth',
  }
}

export function startAttributes(call: CallContext): Attributes {
  const { method, service, url } = call
  return {
    ...commonAttributes(call),
    ...(!known.has(method) && { 'http.request.method_original': method }),
    'url.full': `sleuth://${service}${url}`,
  }
}

/** How the call ended, with few values: for metrics too. */
export function outcomeAttributes({ status, error }: CallContext): Attributes {
  if (error !== undefined) return { 'error.type': errorType(error) }
  if (status === undefined) return {}
  return {
    'http.response.status_code': status,
    ...(status >= 400 && { 'error.type': String(status) }),
  }
}

export function endAttributes(call: CallContext): Attributes {
  const { instance, attempts } = call
  return {
    ...outcomeAttributes(call),
    'sleuth.attempts': attempts,
    ...(instance !== undefined && {
      ...peerAttributes(instance.endpoint),
      'network.protocol.name': 'sleuth',
      'network.protocol.version': String(instance.wire),
      'sleuth.instance.id': instance.id,
      'sleuth.instance.name': instance.name,
      'sleuth.service.version': instance.version,
    }),
  }
}

/** `tcp://ip:port` */
function peerAttributes(endpoint: string): Attributes {
  const colon = endpoint.lastIndexOf(':')
  return {
    'network.peer.address': endpoint.slice('tcp://'.length, colon).replace(/^\[|\]$/g, ''),
    'network.peer.port': Number(endpoint.slice(colon + 1)),
  }
}

/** The code of sleuth's error, also where `fetch` wraps it; otherwise the name of what the caller aborted with. */
export function errorType(error: unknown): string {
  const { code, cause, name } = Object(error) as {
    code?: unknown
    cause?: { code?: unknown }
    name?: unknown
  }
  const said = [code, cause?.code, name].find((value) => typeof value === 'string')
  return said === undefined ? '_OTHER' : (said as string)
}
