import type { FetchHandler, RequestListener } from '../types.js'

/** What WinterTC programs export: `export default { fetch }`. */
interface Fetcher {
  fetch: FetchHandler
}

export interface ServeOptions {
  /**
   * Replaces the global `Response` of the process by a subclass that makes its stream when somebody asks for it. A small call
   * takes about half as long then.
   */
  readonly fastResponse?: boolean | undefined
}

/**
 * A Node listener for a handler that takes a WHATWG `Request` and gives a `Response`: `serve(app.fetch)` or `serve(app)`, for
 * Hono, H3, Elysia and all others of this kind. It answers over sleuth as `handler`, and over HTTP in `http.createServer`.
 */
export function serve(handler: FetchHandler | Fetcher, options: ServeOptions = {}): RequestListener {
  const answers = typeof handler === 'function' ? handler : handler?.fetch?.bind(handler)
  if (typeof answers !== 'function') {
    throw new TypeError('serve: give a function (request) => response, or an object with such a method fetch')
  }
  // An import of the package costs nothing for those who serve by a Node listener.
  let answer: typeof import('./answer.js').answer | undefined
  const loading = import('./answer.js').then((loaded) => {
    if (options.fastResponse) loaded.installFastResponse()
    answer = loaded.answer
    return loaded.answer
  })
  return (req, res) => {
    if (answer !== undefined) return answer(answers, req, res)
    return loading.then((loaded) => loaded(answers, req, res))
  }
}
