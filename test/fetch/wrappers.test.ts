import { describe } from 'node:test'
import { betterFetch } from '@better-fetch/fetch'
import axios from 'axios'
import ky, { HTTPError } from 'ky'
import { ofetch } from 'ofetch'
import createClient from 'openapi-fetch'
import { up } from 'up-fetch'
import { app } from './app.js'
import { type Fetch, serveBoth } from './both.js'

describe('ky', () => {
  const { same } = serveBoth(app)
  const client = (base: string, fetch: Fetch) => ky.create({ prefixUrl: base, fetch, retry: 0 })

  same('reads JSON', ({ base, fetch }) => client(base, fetch).get('json').json())
  same('sends JSON', ({ base, fetch }) =>
    client(base, fetch)
      .post('echo', { json: { a: 1 } })
      .json(),
  )
  same('sends search parameters and headers', ({ base, fetch }) =>
    client(base, fetch)
      .put('echo', { searchParams: { q: 'ä b' }, headers: { 'x-own': '1' }, body: 'text' })
      .json(),
  )
  same('throws for a 404, with the answer', async ({ base, fetch }) => {
    try {
      return await client(base, fetch).get('missing').json()
    } catch (error) {
      return error instanceof HTTPError && [error.response.status, await error.response.clone().json()]
    }
  })
  same('repeats what it was told to', ({ base, fetch }) =>
    ky.get(`${base}/flaky?ky`, { fetch, retry: { limit: 3, delay: () => 1 } }).json(),
  )
  same('gives up after its own timeout', ({ base, fetch }) =>
    ky
      .get(`${base}/slow`, { fetch, retry: 0, timeout: 50 })
      .text()
      .catch((error) => error.name),
  )
  same('follows a redirect', ({ base, fetch }) => client(base, fetch).get('redirect').json())
  same('reports progress of a download', async ({ base, fetch }) => {
    let last = 0
    const onDownloadProgress = ({ transferredBytes }: { transferredBytes: number }) => {
      last = transferredBytes
    }
    const { length } = await client(base, fetch).get('json', { onDownloadProgress }).text()
    return [last > 0, length]
  })
})

describe('ofetch', () => {
  const { same } = serveBoth(app)
  const client = (base: string, fetch: Fetch) => ofetch.create({ baseURL: base }, { fetch })

  same('reads JSON', ({ base, fetch }) => client(base, fetch)('/json'))
  same('sends JSON', ({ base, fetch }) => client(base, fetch)('/echo', { method: 'POST', body: { a: [1] } }))
  same('sends a query', ({ base, fetch }) => client(base, fetch)('/echo', { query: { q: 'ä', r: 2 } }))
  same('throws for a 404, with the answer', ({ base, fetch }) =>
    client(base, fetch)('/missing', { retry: 0 }).catch((error) => [error.name, error.status, error.data]),
  )
  same('repeats what it was told to', ({ base, fetch }) =>
    client(base, fetch)('/flaky?ofetch', { retry: 3, retryDelay: 1, retryStatusCodes: [503] }),
  )
  same('passes its own options on to fetch', ({ base, fetch }) =>
    client(base, fetch)('/json', { retry: 0, timeout: 0, ignoreResponseError: true }),
  )
  same('gives up after its own timeout', ({ base, fetch }) =>
    client(base, fetch)('/slow', { retry: 0, timeout: 50 }).catch((error) => error.name),
  )
  same('gives a stream', async ({ base, fetch }) => {
    const body = await client(base, fetch)('/stream', { responseType: 'stream' })
    return new Response(body as ReadableStream<Uint8Array>).text()
  })
})

describe('up-fetch', () => {
  const { same } = serveBoth(app)
  const client = (base: string, fetch: Fetch) => up(fetch, () => ({ baseUrl: base }))

  same('reads JSON', ({ base, fetch }) => client(base, fetch)('/json'))
  same('sends JSON', ({ base, fetch }) => client(base, fetch)('/echo', { method: 'POST', body: { a: 1 } }))
  same('sends parameters', ({ base, fetch }) => client(base, fetch)('/echo', { params: { q: 'ä' } }))
  same('throws for a 404, with the answer', ({ base, fetch }) =>
    client(base, fetch)('/missing').catch((error) => [error.name, error.status, error.data]),
  )
  same('repeats what it was told to', ({ base, fetch }) =>
    client(base, fetch)('/flaky?up', { retry: { attempts: 3, delay: 1 } }),
  )
  same('gives up after its own timeout', ({ base, fetch }) =>
    client(base, fetch)('/slow', { timeout: 50 }).catch((error) => error.name),
  )
})

describe('better-fetch', () => {
  const { same } = serveBoth(app)

  same('reads JSON', ({ base, fetch }) => betterFetch(`${base}/json`, { customFetchImpl: fetch }))
  same('sends JSON', ({ base, fetch }) =>
    betterFetch('/echo', { baseURL: base, customFetchImpl: fetch, method: 'POST', body: { a: 1 } }),
  )
  same('tells of a 404', ({ base, fetch }) => betterFetch(`${base}/missing`, { customFetchImpl: fetch }))
  same('repeats what it was told to', ({ base, fetch }) =>
    betterFetch(`${base}/flaky?better`, {
      customFetchImpl: fetch,
      retry: { type: 'linear', attempts: 3, delay: 1 },
    }),
  )
})

describe('axios with its fetch adapter', () => {
  const { same } = serveBoth(app)
  const client = (base: string, fetch: Fetch) =>
    axios.create({
      baseURL: base,
      adapter: 'fetch',
      env: { ...axios.defaults.env, fetch, Request, Response } as never,
    })

  same('reads JSON', async ({ base, fetch }) => {
    const { status, data, headers } = await client(base, fetch).get('/json')
    return [status, data, String(headers['content-type'])]
  })
  same('sends JSON', async ({ base, fetch }) => (await client(base, fetch).post('/echo', { a: 1 })).data)
  same('sends parameters and headers', async ({ base, fetch }) => {
    const options = {
      params: { q: 'ä b' },
      headers: { 'x-own': '1' },
      auth: { username: 'u', password: 'p' },
    }
    return (await client(base, fetch).get('/echo', options)).data
  })
  same('sends a form', async ({ base, fetch }) => {
    const form = new FormData()
    form.set('a', 'ä')
    form.set('file', new Blob(['content'], { type: 'text/plain' }), 'f.txt')
    return (await client(base, fetch).postForm('/form', form)).data
  })
  same('throws for a 404, with the answer', ({ base, fetch }) =>
    client(base, fetch)
      .get('/missing')
      .catch(({ name, code, response }) => [name, code, response.status, response.data]),
  )
  same('gives up after its own timeout', ({ base, fetch }) =>
    client(base, fetch)
      .get('/slow', { timeout: 50 })
      .catch(({ name, code }) => [name, code]),
  )
  same('is cancelled', ({ base, fetch }) =>
    client(base, fetch)
      .get('/slow', { signal: AbortSignal.timeout(50) })
      .catch(({ name, code }) => [name, code]),
  )
})

describe('openapi-fetch', () => {
  const { same } = serveBoth(app)
  interface Paths {
    '/json': { get: { responses: { 200: { content: { 'application/json': unknown } } } } }
    '/missing': { get: { responses: { 404: { content: { 'application/json': unknown } } } } }
    '/echo': {
      post: {
        parameters: { query: { q: string } }
        requestBody: { content: { 'application/json': { a: number } } }
        responses: { 200: { content: { 'application/json': unknown } } }
      }
    }
  }
  const client = (base: string, fetch: Fetch) => createClient<Paths>({ baseUrl: base, fetch })

  same('reads JSON', async ({ base, fetch }) => (await client(base, fetch).GET('/json')).data)
  same('sends JSON and a query', async ({ base, fetch }) => {
    const { data } = await client(base, fetch).POST('/echo', {
      params: { query: { q: 'ä' } },
      body: { a: 1 },
    })
    return data
  })
  same('tells of a 404', async ({ base, fetch }) => {
    const { error, response } = await client(base, fetch).GET('/missing')
    return [response.status, error]
  })
})
