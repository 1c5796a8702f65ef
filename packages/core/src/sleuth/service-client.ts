import { isRequest } from '../client/do.js'
import { RequestHeaders } from '../client/headers.js'
import { serviceOptionNames } from '../client/option-names.js'
import { splitUrl } from '../client/target.js'
import { sleuthError } from '../shared/errors.js'
import { isServiceName } from '../shared/names.js'
import type {
  CallOptions,
  DoInit,
  DoInput,
  FetchInit,
  HeadersInput,
  Instance,
  LeanResponse,
  RequestOptions,
  ServiceClient,
  ServiceDefaults,
  ServiceEvents,
  Sleuth,
  WaitOptions,
} from '../types.js'

/** The result of `sleuth.service(name, defaults)`. Each call is one of `sleuth`, with the URL and the defaults filled in. */
export class OneService implements ServiceClient {
  readonly name: string
  readonly #sleuth: Sleuth
  readonly #options: CallOptions
  readonly #headers: readonly (readonly [string, string])[]
  /** For each listener, what listens to all services for it. */
  readonly #listeners = new WeakMap<object, Map<string, (event: never) => void>>()

  constructor(sleuth: Sleuth, name: string, defaults: ServiceDefaults = {}) {
    if (typeof name !== 'string' || !isServiceName(name))
      throw sleuthError('SLEUTH_ARGUMENT', {
        argument: 'name',
        problem: 'must be the name of a service, such as "article-service"',
      })
    const { headers, ...options } = checkDefaults(defaults)
    this.name = name
    this.#sleuth = sleuth
    this.#options = options
    this.#headers = pairsOf(headers)
  }

  readonly do = async (input: DoInput, init?: DoInit): Promise<Response> =>
    this.#sleuth.do(this.#target(input), {
      ...this.#over(init),
      headers: this.#with(init?.headers ?? headersOf(input)),
    } as DoInit)

  readonly fetch = async (input: DoInput, init?: FetchInit): Promise<Response> =>
    this.#sleuth.fetch(this.#target(input), {
      ...init,
      headers: this.#with(init?.headers ?? headersOf(input)),
      sleuth: this.#over(init?.sleuth),
    } as FetchInit)

  readonly request = async (path: string, init?: RequestOptions): Promise<LeanResponse> =>
    this.#sleuth.request(this.#urlOf(path), {
      ...this.#over(init),
      headers: this.#with(init?.headers),
    })

  waitFor(options?: WaitOptions | number): Promise<void> {
    const { version, where } = this.#options
    return this.#sleuth.waitFor({ service: this.name, version, where }, options)
  }

  instances(): readonly Instance[] {
    return this.#sleuth.services().find(({ service }) => service === this.name)?.instances ?? []
  }

  on<E extends keyof ServiceEvents>(event: E, listener: (...args: ServiceEvents[E]) => void): this {
    const own = (given: ServiceEvents[E][0]) => {
      if (given.service === this.name) listener(...([given] as ServiceEvents[E]))
    }
    const known = this.#listeners.get(listener) ?? new Map()
    if (known.has(event)) return this
    this.#listeners.set(listener, known.set(event, own))
    this.#sleuth.on(event, own as never)
    return this
  }

  off<E extends keyof ServiceEvents>(event: E, listener: (...args: ServiceEvents[E]) => void): this {
    const known = this.#listeners.get(listener)
    const own = known?.get(event)
    known?.delete(event)
    if (own !== undefined) this.#sleuth.off(event, own as never)
    return this
  }

  /** What a call gives, with the defaults for all that it leaves out or undefined. */
  #over<Given extends object>(given: Given | null | undefined): Given & CallOptions {
    const defaults = this.#options as Readonly<Record<string, unknown>>
    const options: Record<string, unknown> = { ...given }
    for (const name of Object.keys(defaults)) if (options[name] === undefined) options[name] = defaults[name]
    return options as Given & CallOptions
  }

  /** A library may make a URL or a `Request` of its own from a base URL. They must be of this service. */
  #target(input: DoInput): DoInput {
    if (typeof input === 'string') return this.#urlOf(input)
    this.#urlOf(isRequest(input) ? input.url : String(input))
    return input
  }

  #urlOf(path: string): string {
    if (typeof path !== 'string')
      throw sleuthError('SLEUTH_ARGUMENT', {
        argument: 'url',
        problem: 'must be a string: the path of a request, such as "/articles?page=2"',
      })
    if (!/^[a-z][a-z\d+.-]*:\/\//i.test(path))
      return `sleuth://${this.name}${/^[/?#]/.test(path) ? '' : '/'}${path}`
    const { service } = splitUrl(path)
    if (service === this.name) return path
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'url',
      problem: `is of the service "${service}", and this is the client of "${this.name}": give a path, or use sleuth itself`,
    })
  }

  /** The call's own headers go before those of the service, by name. */
  #with(given: HeadersInput | RequestInit['headers']): never {
    if (this.#headers.length === 0) return given as never
    const own = pairsOf(given)
    const names = new Set(own.map(([name]) => name.toLowerCase()))
    return [...own, ...this.#headers.filter(([name]) => !names.has(name.toLowerCase()))] as never
  }
}

function headersOf(input: DoInput): Headers | undefined {
  return isRequest(input) ? input.headers : undefined
}

function checkDefaults(defaults: ServiceDefaults): ServiceDefaults {
  const problem = `must be an object with any of ${serviceOptionNames.join(', ')}, headers`
  const isObject = typeof defaults === 'object' && defaults !== null && !Array.isArray(defaults)
  const unknown = isObject
    ? Object.keys(defaults).find((name) => name !== 'headers' && !serviceOptionNames.includes(name))
    : undefined
  if (!isObject) throw sleuthError('SLEUTH_ARGUMENT', { argument: 'defaults', problem })
  if (unknown !== undefined)
    throw sleuthError('SLEUTH_ARGUMENT', {
      argument: 'defaults',
      problem: `has no option "${unknown}": it ${problem}`,
    })
  return { ...defaults }
}

/** Throws for headers that can't be sent. */
function pairsOf(headers: HeadersInput | RequestInit['headers']): (readonly [string, string])[] {
  const { fields, lengths } = RequestHeaders.given(headers)
  const pairs: [string, string][] = lengths.map((length) => ['content-length', length])
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i] as string, fields[i + 1] as string])
  return pairs
}
